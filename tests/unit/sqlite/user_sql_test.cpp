// SQL text of a user's (P14).
#include "sqlite/user_sql.h"

#include "tests/doubles/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::HasSubstr;

class UserSql : public testing::Test {
 protected:
  UserSql() {
    auto connection = SqliteConnection::open(folder_.file("target.db"), SqliteAccess::create);
    EXPECT_TRUE(connection) << connection.error().message;
    connection_ = std::move(*connection);
    EXPECT_TRUE(connection_->execute("CREATE TABLE t (a INTEGER)"));
  }

  Result<std::int64_t> run(const std::string& sql, TransactionControl control = TransactionControl::refused) {
    return run_user_sql(*connection_, sql, control);
  }
  std::int64_t count() {
    SqliteStatement* query = *connection_->prepare("SELECT count(*) FROM t");
    EXPECT_TRUE(query->step().value());
    const std::int64_t rows = query->integer(0);
    query->reset();
    return rows;
  }

  TemporaryFolder folder_;
  std::unique_ptr<SqliteConnection> connection_;
};

TEST_F(UserSql, StatementsRunOneAfterTheOtherAndTheirRowsAreCounted) {
  EXPECT_EQ(run("INSERT INTO t VALUES (1), (2); -- comment; with a semicolon\n INSERT INTO t VALUES (3);;\n").value(),
            3);
  EXPECT_EQ(run("SELECT * FROM t; DELETE FROM t WHERE a > 1").value(), 2);
  EXPECT_EQ(run(" \n ").value(), 0);
  EXPECT_EQ(count(), 1);
}

TEST_F(UserSql, SemicolonsInsideTextsAndTriggersEndNothing) {
  ASSERT_TRUE(
      run("CREATE TABLE s (b TEXT); INSERT INTO s VALUES ('a;b'); "
          "CREATE TRIGGER g AFTER INSERT ON s BEGIN INSERT INTO t VALUES (9); END; INSERT INTO s VALUES ('c')"));
  EXPECT_EQ(count(), 1);
}

TEST_F(UserSql, P14TransactionControlIsRefusedWithItsPlace) {
  for (const char* word : {"BEGIN", "commit", "/* x */ END", "ROLLBACK", "SAVEPOINT a", "RELEASE a",
                           "ATTACH ':memory:' AS other", "DETACH other"}) {
    SCOPED_TRACE(word);
    ASSERT_TRUE(connection_->begin());
    const auto done = run("INSERT INTO t VALUES (1);\n  " + std::string(word));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::invalid);
    EXPECT_THAT(done.error().message, HasSubstr("line 2, column 3"));
    EXPECT_THAT(done.error().message, HasSubstr("transaction: none"));
    EXPECT_TRUE(connection_->in_transaction()) << "Baton's own goes on";
    connection_->rollback();
    EXPECT_EQ(count(), 0);
  }
}

TEST_F(UserSql, RefusalEndsWithTheCall) {
  EXPECT_FALSE(run("BEGIN"));
  ASSERT_TRUE(connection_->begin());
  EXPECT_TRUE(connection_->commit());
}

TEST_F(UserSql, AllowedControlRunsATransactionOfItsOwn) {
  EXPECT_EQ(run("BEGIN; INSERT INTO t VALUES (1); COMMIT", TransactionControl::allowed).value(), 1);
  EXPECT_EQ(count(), 1);
}

TEST_F(UserSql, TransactionThatIsLeftOpenIsRolledBackAndAnError) {
  const auto done = run("BEGIN; INSERT INTO t VALUES (1)", TransactionControl::allowed);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("left a transaction open"));
  EXPECT_FALSE(connection_->in_transaction());
  EXPECT_EQ(count(), 0);
}

TEST_F(UserSql, FailureInAnOwnTransactionLeavesNoneOpen) {
  EXPECT_FALSE(run("BEGIN; INSERT INTO t VALUES (1); INSERT INTO nowhere VALUES (1)", TransactionControl::allowed));
  EXPECT_FALSE(connection_->in_transaction());
  EXPECT_EQ(count(), 0);
}

TEST_F(UserSql, ErrorNamesTheFileThePlaceAndSqlitesWords) {
  const auto done = run("INSERT INTO t VALUES (1);\n\nINSERT INTO nowhere VALUES (1)");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::invalid);
  EXPECT_THAT(done.error().message, HasSubstr("target.db: statement, line 3, column 1"));
  EXPECT_THAT(done.error().message, HasSubstr("no such table: nowhere"));
}

}  // namespace
}  // namespace baton

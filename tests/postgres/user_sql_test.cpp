// P14 on a real server: a user's SQL as one chunk, or without a transaction.
#include "tests/postgres/owned_job.h"

namespace baton {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class PgUserSql : public PgOwnership {
 protected:
  // In one chunk that is committed.
  Result<std::int64_t> run(const std::string& sql) {
    auto transaction = database_.begin(authority(), Durability::full);
    if (!transaction) return fail(transaction.error());
    BATON_TRY(const std::int64_t changed, (*transaction)->execute(sql));
    BATON_CHECK((*transaction)->save_progress({"repository-1", next_instance_++, "step"}, Progress(), 0));
    BATON_CHECK((*transaction)->commit());
    return changed;
  }
  Result<std::int64_t> run_unprotected(const std::string& sql) {
    return database_.execute_unprotected(authority(), sql);
  }

  std::int64_t next_instance_ = 1;
};

TEST_F(PgUserSql, P14StatementsAreOneTransactionAndTheirChangedRowsAreSummed) {
  EXPECT_EQ(run("INSERT INTO target SELECT generate_series(1, 10); SELECT * FROM target; "
                "UPDATE target SET a = a + 100 WHERE a <= 2; DELETE FROM target WHERE a = 3; "
                "CREATE TABLE copied AS SELECT * FROM target")
                .value(),
            13);
  expect_kind(run("DELETE FROM target; SELECT nothing"), ErrorKind::invalid);
  EXPECT_EQ(database_server_.query("SELECT count(*) FROM target"), "9");
}

TEST_F(PgUserSql, P14TransactionControlIsRefusedBeforeAnythingRuns) {
  for (const char* const text : {"INSERT INTO target VALUES (1);\n COMMIT", "DO $$ BEGIN COMMIT; END $$",
                                 "INSERT INTO target VALUES (1); PREPARE TRANSACTION 'a'",
                                 "SET standard_conforming_strings = off; SELECT '\\'; COMMIT; --'"}) {
    SCOPED_TRACE(text);
    expect_kind(run(text), ErrorKind::invalid);
  }
  EXPECT_THAT(run("SELECT 1;\n COMMIT").error().message,
              AllOf(HasSubstr("line 2, column 2"), HasSubstr("transaction: none")));
  EXPECT_EQ(rows(), "");
}

TEST_F(PgUserSql, P14CopyOfTheClientIsRefused) {
  expect_kind(run("COPY target FROM STDIN"), ErrorKind::invalid);
  expect_kind(run("COPY target TO STDOUT"), ErrorKind::invalid);
  EXPECT_EQ(run("INSERT INTO target VALUES (1)").value(), 1);
}

TEST_F(PgUserSql, P14SettingsThatTheTextLeavesReachNoStatementOfBatons) {
  database_server_.query("CREATE SCHEMA elsewhere");
  const std::string role = "r_" + database_server_.name();
  database_server_.query("CREATE ROLE " + role);
  const auto done =
      run("CREATE TEMP TABLE baton_progress (a int); SET search_path = elsewhere; SET timezone = 'Asia/Tokyo'; "
          "SET synchronous_commit = off; SET ROLE " +
          role);
  EXPECT_TRUE(done) << done.error().message;
  EXPECT_EQ(run("INSERT INTO target VALUES (1)").value(), 1) << "search_path, role and temporary tables are as before";
  EXPECT_TRUE(database_.read_progress({"repository-1", 1, "step"}).value());
  EXPECT_EQ(session_.connection().value()->query("SHOW timezone")->view(0, 0), "UTC");
  database_server_.query("DROP ROLE " + role);
}

TEST_F(PgUserSql, ErrorNamesPlaceStateAndHint) {
  const auto done = run("SELECT 1;\n\nSELECT 'ä',\n  nothing FROM target");
  expect_kind(done, ErrorKind::invalid);
  EXPECT_THAT(done.error().message,
              AllOf(HasSubstr("statement, line 4, column 3"), HasSubstr("\"nothing\" does not exist"),
                    HasSubstr("42703"), HasSubstr("postgresql://test")));
  const auto in_block = run("SELECT 1;\nDO $$ BEGIN\n PERFORM 1/0; END $$");
  EXPECT_THAT(in_block.error().message,
              AllOf(HasSubstr("line 2, column 1"), HasSubstr("division by zero"), HasSubstr("line 2 at PERFORM")));
}

TEST_F(PgUserSql, P14WithoutATransactionEachStatementCommitsByItself) {
  const auto done =
      run_unprotected("INSERT INTO target VALUES (1); VACUUM target; CREATE INDEX CONCURRENTLY i ON target (a)");
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(*done, 1);
  expect_kind(run_unprotected("INSERT INTO target VALUES (2); SELECT nothing"), ErrorKind::invalid);
  EXPECT_EQ(rows(), "1,2");
}

TEST_F(PgUserSql, P14TransactionThatTheTextLeavesOpenIsAnErrorAndRolledBack) {
  EXPECT_TRUE(run_unprotected("BEGIN; INSERT INTO target VALUES (1); COMMIT"));
  const auto open = run_unprotected("BEGIN; INSERT INTO target VALUES (2)");
  expect_kind(open, ErrorKind::invalid);
  EXPECT_THAT(open.error().message, HasSubstr("COMMIT"));
  EXPECT_EQ(rows(), "1");
}

TEST_F(PgUserSql, P14UnprotectedChecksFenceAndGuardFirst) {
  expect_kind(database_.execute_unprotected(authority(2), "INSERT INTO target VALUES (1)"), ErrorKind::lease_lost);
  lease_.trust_until(clock_.now());
  expect_kind(run_unprotected("INSERT INTO target VALUES (1)"), ErrorKind::lease_lost);
  EXPECT_EQ(rows(), "");
}

TEST_F(PgUserSql, P22InterruptEndsARunningStatementAsRetry) {
  std::jthread interrupter([&] {
    await("SELECT count(*) = 1 FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(100)'");
    database_.interrupt();
  });
  expect_kind(run("SELECT pg_sleep(100)"), ErrorKind::retry);
  interrupter.join();
  EXPECT_EQ(run("INSERT INTO target VALUES (1)").value(), 1);
}

TEST_F(PgUserSql, P22InterruptBetweenBeginAndTheStatementIsNotLost) {
  {
    const auto transaction = database_.begin(authority(), Durability::full).value();
    database_.interrupt();
    expect_kind(transaction->execute("SELECT pg_sleep(100)"), ErrorKind::retry);
  }
  {
    const auto transaction = database_.begin(authority(), Durability::full).value();
    database_.interrupt();
  }
  EXPECT_EQ(run("INSERT INTO target VALUES (1)").value(), 1) << "an interrupt ends with its transaction";
}

}  // namespace
}  // namespace baton

// read.table and read.query of a SQLite file (P11).
#include "sqlite/table_reader.h"

#include "sqlite/connection.h"
#include "tests/doubles/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SqliteTableReader : public testing::Test {
 protected:
  SqliteTableReader() {
    execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, r REAL, UNIQUE (a))");
    execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 7) "
        "INSERT INTO t SELECT i, 'a' || i, i / 10.0 FROM n");
  }

  void execute(const std::string& sql) { ASSERT_TRUE(connection_->execute(sql)); }
  Result<std::unique_ptr<Reader>> try_open(SqliteReadSpec spec) {
    spec.connection = "shop";
    spec.path = path_;
    auto reader = make_sqlite_reader(std::move(spec), "job/load");
    BATON_TRY([[maybe_unused]] const auto columns, reader->open({}));
    return reader;
  }
  std::unique_ptr<Reader> open(const std::string& table, const std::string& sql, std::vector<std::string> key) {
    auto reader = try_open({"", "", table, sql, std::move(key)});
    EXPECT_TRUE(reader) << reader.error().message;
    return reader ? *std::move(reader) : nullptr;
  }
  std::string refusal(const std::string& table, const std::string& sql, std::vector<std::string> key) {
    const auto reader = try_open({"", "", table, sql, std::move(key)});
    return reader ? "" : reader.error().message;
  }
  static std::vector<std::string> drain(Reader& reader, std::size_t rows = 2) {
    std::vector<std::string> all;
    RowBatch batch;
    ReadLimits limits;
    limits.rows = rows;
    while (reader.read(batch, limits).value()) {
      for (std::size_t row = 0; row < batch.size(); ++row) all.emplace_back(batch.view(batch.at(row, 0)));
    }
    return all;
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("shop.db");
  std::unique_ptr<SqliteConnection> connection_ = SqliteConnection::open(path_, SqliteAccess::create).value();
};

TEST_F(SqliteTableReader, RowsThenInOrderOfTheKeyInPages) {
  EXPECT_THAT(drain(*open("t", "", {"id"})), ElementsAre("1", "2", "3", "4", "5", "6", "7"));
  EXPECT_THAT(drain(*open("", "SELECT id, r FROM t WHERE id > 3;", {"id"})), ElementsAre("4", "5", "6", "7"));
  EXPECT_THAT(drain(*open("", "SELECT id FROM t ORDER BY id DESC LIMIT 3", {})), ElementsAre("7", "6", "5"));
}

TEST_F(SqliteTableReader, ValuesThenAsTextWithTheirKinds) {
  execute("UPDATE t SET a = NULL, r = 0.1 WHERE id = 1");
  execute("UPDATE t SET a = x'00ff' WHERE id = 2");
  const auto reader = open("t", "", {"id"});
  RowBatch batch;
  ASSERT_TRUE(reader->read(batch, {}).value());
  EXPECT_EQ(batch.at(0, 1).kind, FieldKind::null);
  EXPECT_EQ(batch.view(batch.at(0, 2)), "0.1");
  EXPECT_EQ(batch.at(0, 2).kind, FieldKind::number);
  EXPECT_EQ(batch.view(batch.at(1, 1)), "\\x00ff");
}

TEST_F(SqliteTableReader, P11ResumedThenGoesOnBehindTheLastKey) {
  RowBatch batch;
  ReadLimits limits;
  limits.rows = 3;
  ASSERT_TRUE(open("t", "", {"id"})->read(batch, limits).value());
  execute("DELETE FROM t WHERE id = 3");
  execute("INSERT INTO t VALUES (0, 'new', 0), (8, 'new2', 0)");
  const auto reader = open("t", "", {"id"});
  ASSERT_TRUE(reader->resume(batch.end));
  EXPECT_THAT(drain(*reader), ElementsAre("4", "5", "6", "7", "8"));
}

TEST_F(SqliteTableReader, P11HoleThenReadUpToItsEnd) {
  const Position until{4, 4, 1, "[4]"};
  execute("DELETE FROM t WHERE id IN (2, 4)");
  const auto reader = open("t", "", {"id"});
  RowBatch batch;
  ReadLimits limits;
  limits.rows = 4;
  limits.until = &until;
  ASSERT_TRUE(reader->read(batch, limits).value());
  EXPECT_EQ(batch.size(), 2U);
  EXPECT_EQ(batch.end, until);
  execute("INSERT INTO t VALUES (-1, 'x', 0), (-2, 'y', 0), (-3, 'z', 0)");
  const auto again = open("t", "", {"id"});
  EXPECT_FALSE(again->read(batch, limits));
}

TEST_F(SqliteTableReader, KeyThatIsNoKeyThenRefusedWithTheNextStep) {
  EXPECT_THAT(refusal("t", "", {"r"}), HasSubstr("no unique index over (r)"));
  EXPECT_THAT(refusal("t", "", {"zz"}), HasSubstr("its columns are id, a, r"));
  EXPECT_EQ(refusal("t", "", {"a"}), "");
  execute("UPDATE t SET a = NULL WHERE id = 1");
  EXPECT_THAT(refusal("t", "", {"a"}), HasSubstr("is NULL in some rows"));
  EXPECT_THAT(refusal("missing", "", {"id"}), HasSubstr("job/load: connection \"shop\": "));
  const auto twice = open("", "SELECT 1 AS k FROM t", {"k"});
  RowBatch batch;
  ReadLimits limits;
  limits.rows = 1;
  ASSERT_TRUE(twice->read(batch, limits).value());
  const auto next = twice->read(batch, limits);
  ASSERT_FALSE(next);
  EXPECT_THAT(next.error().message, HasSubstr("the key is not unique"));
}

TEST_F(SqliteTableReader, WithoutAKeyThenEveryReadingIsAnotherInput) {
  const auto reader = open("t", "", {});
  EXPECT_NE(reader->identity({}).value(), open("t", "", {})->identity({}).value());
  EXPECT_TRUE(reader->resume({}));
  EXPECT_FALSE(reader->resume({2, 2, 1, ""}));
}

}  // namespace
}  // namespace baton

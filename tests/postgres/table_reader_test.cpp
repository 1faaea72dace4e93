// read.table and read.query against a server (P11).
#include "postgres/table_reader.h"

#include "tests/doubles/postgres_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PgTableReader : public testing::Test {
 protected:
  PgTableReader() {
    database_.query(
        "CREATE TABLE datasync.t (id bigint PRIMARY KEY, a text, b boolean, c numeric);"
        "INSERT INTO datasync.t SELECT i, 'a' || i, i % 2 = 0, i / 10.0 FROM generate_series(1, 10) i");
  }

  std::unique_ptr<Reader> open(PgReadSpec spec) {
    spec.connection = "shop";
    auto reader = make_pg_reader(database_.settings(), std::move(spec), "job/load");
    const auto columns = reader->open({});
    EXPECT_TRUE(columns) << columns.error().message;
    return reader;
  }
  std::unique_ptr<Reader> table(std::vector<std::string> key = {"id"}) { return open({"", "t", "", std::move(key)}); }
  std::string refusal(PgReadSpec spec) {
    spec.connection = "shop";
    auto reader = make_pg_reader(database_.settings(), std::move(spec), "job/load");
    const auto columns = reader->open({});
    return columns ? "" : columns.error().message;
  }
  // The first column of all rows that follow.
  std::vector<std::string> drain(Reader& reader, std::size_t rows = 3) {
    std::vector<std::string> all;
    RowBatch batch;
    ReadLimits limits;
    limits.rows = rows;
    while (true) {
      const auto more = reader.read(batch, limits);
      EXPECT_TRUE(more) << more.error().message;
      if (!more || !*more) return all;
      for (std::size_t row = 0; row < batch.size(); ++row) all.emplace_back(batch.view(batch.at(row, 0)));
      end_ = batch.end;
    }
  }

  TemporaryDatabase database_;
  Position end_;
};

TEST_F(PgTableReader, RowsThenInOrderOfTheKeyAndTheirFieldsAsText) {
  database_.query(
      "UPDATE datasync.t SET a = E'tab\\t back\\\\slash\\n' WHERE id = 1; UPDATE datasync.t SET a = NULL WHERE id = 2");
  const auto reader = table();
  RowBatch batch;
  ASSERT_TRUE(reader->read(batch, {}).value());
  ASSERT_EQ(batch.size(), 10U);
  EXPECT_EQ(batch.view(batch.at(0, 1)), "tab\t back\\slash\n");
  EXPECT_EQ(batch.at(1, 1).kind, FieldKind::null);
  EXPECT_EQ(batch.view(batch.at(1, 2)), "true");
  EXPECT_EQ(batch.at(1, 2).kind, FieldKind::boolean);
  EXPECT_EQ(batch.end.record, 10U);
  EXPECT_EQ(batch.end.key, R"(["10"])");
  EXPECT_FALSE(reader->read(batch, {}).value());
  EXPECT_EQ(batch.end.record, 10U);
}

TEST_F(PgTableReader, NamesWithDotsThenWrittenInDoubleQuotes) {
  database_.query(
      "CREATE SCHEMA \"do.t\"; CREATE TABLE \"do.t\".\"T.x\" (id int PRIMARY KEY); INSERT INTO \"do.t\".\"T.x\" VALUES "
      "(7);"
      "CREATE TABLE datasync.\"a.b\" (id int PRIMARY KEY); INSERT INTO datasync.\"a.b\" VALUES (8)");
  EXPECT_THAT(drain(*open({"", "\"do.t\".\"T.x\"", "", {"id"}})), ElementsAre("7"));
  EXPECT_THAT(drain(*open({"", "\"a.b\"", "", {"id"}})), ElementsAre("8"));
  EXPECT_THAT(drain(*open({"", "datasync.\"a.b\"", "", {"id"}})), ElementsAre("8"));
  EXPECT_THAT(drain(*open({"", "DATASYNC.T", "", {"id"}})), testing::SizeIs(10)) << "as SQL would read it";
  EXPECT_THAT(refusal({"", "datasync.a.b", "", {"id"}}), HasSubstr("double quotes"));
}

TEST_F(PgTableReader, P11ResumedThenGoesOnBehindTheLastKey) {
  Position middle;
  {
    const auto reader = table();
    RowBatch batch;
    ReadLimits limits;
    limits.rows = 4;
    ASSERT_TRUE(reader->read(batch, limits).value());
    middle = batch.end;
  }
  database_.query("INSERT INTO datasync.t VALUES (0, 'new'), (11, 'new'); DELETE FROM datasync.t WHERE id = 4");
  const auto reader = table();
  EXPECT_EQ(reader->identity(middle).value(), table()->identity(middle).value());
  ASSERT_TRUE(reader->resume(middle));
  EXPECT_THAT(drain(*reader), ElementsAre("5", "6", "7", "8", "9", "10", "11"));
  EXPECT_EQ(end_.record, 11U);
}

TEST_F(PgTableReader, P11HoleThenReadUpToItsEndEvenWhereRowsAreGone) {
  const Position until{6, 6, 1, R"(["6"])"};
  database_.query("DELETE FROM datasync.t WHERE id IN (2, 6)");
  const auto reader = table();
  RowBatch batch;
  ReadLimits limits;
  limits.rows = 6;
  limits.until = &until;
  ASSERT_TRUE(reader->read(batch, limits).value());
  EXPECT_EQ(batch.size(), 4U);
  EXPECT_EQ(batch.end, until);
  ASSERT_TRUE(reader->resume({8, 8, 1, R"(["8"])"}));
  EXPECT_THAT(drain(*reader), ElementsAre("9", "10"));
}

TEST_F(PgTableReader, P11HoleWithMoreRowsThanItHadThenRefused) {
  const Position until{2, 2, 1, R"(["3"])"};
  const auto reader = table();
  RowBatch batch;
  ReadLimits limits;
  limits.rows = 2;
  limits.until = &until;
  const auto read = reader->read(batch, limits);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::invalid);
  EXPECT_THAT(read.error().message, HasSubstr("were added"));
}

TEST_F(PgTableReader, CompositeKeysThenComparedAsRows) {
  database_.query(
      "CREATE TABLE datasync.p (x text, y int, PRIMARY KEY (x, y));"
      "INSERT INTO datasync.p VALUES ('a''b', 2), ('a''b', 1), (E'c\\\\d', 0), ('Z', 9)");
  const auto reader = open({"", "p", "", {"x", "y"}});
  RowBatch batch;
  ReadLimits limits;
  limits.rows = 1;
  std::vector<std::string> all;
  for (Position at;; at = batch.end) {
    const auto again = open({"", "p", "", {"x", "y"}});
    ASSERT_TRUE(again->resume(at));
    if (!again->read(batch, limits).value()) break;
    all.push_back(std::string(batch.view(batch.at(0, 0))) + std::string(batch.view(batch.at(0, 1))));
  }
  EXPECT_EQ(database_.query("SELECT string_agg(x || y, '|' ORDER BY x, y) FROM datasync.p"),
            all.at(0) + "|" + all.at(1) + "|" + all.at(2) + "|" + all.at(3));
}

TEST_F(PgTableReader, QueryThenReadByItsKeyOrInOnePass) {
  EXPECT_THAT(drain(*open({"", "", "SELECT id AS n FROM t WHERE b -- even\n;", {"n"}})),
              ElementsAre("2", "4", "6", "8", "10"));
  const auto reader = open({"", "", "SELECT id FROM t ORDER BY id DESC LIMIT 2", {}});
  EXPECT_THAT(drain(*reader), ElementsAre("10", "9"));
  EXPECT_FALSE(reader->resume({2, 2, 1, ""}));
  EXPECT_NE(reader->identity({}).value(),
            open({"", "", "SELECT id FROM t ORDER BY id DESC LIMIT 2", {}})->identity({}).value());
}

TEST_F(PgTableReader, KeyThatIsNoKeyThenRefusedWithTheNextStep) {
  EXPECT_THAT(refusal({"", "t", "", {"a"}}), HasSubstr("must not be NULL"));
  database_.query("ALTER TABLE datasync.t ALTER a SET NOT NULL");
  EXPECT_THAT(refusal({"", "t", "", {"a"}}), HasSubstr("no unique index over (a)"));
  EXPECT_EQ(refusal({"", "t", "", {"a", "id"}}), "");
  EXPECT_THAT(refusal({"", "t", "", {"zz"}}), HasSubstr("its columns are id, a, b, c"));
  EXPECT_THAT(refusal({"", "missing", "", {"id"}}), HasSubstr("job/load: connection \"shop\": "));
  EXPECT_THAT(refusal({"", "", "SELECT NULLIF(id, 3) AS n FROM t", {"n"}}), HasSubstr("is NULL in some rows"));
  EXPECT_THAT(refusal({"", "", "SELECT id, a AS id FROM t", {"id"}}), HasSubstr("two columns"));
}

}  // namespace
}  // namespace baton

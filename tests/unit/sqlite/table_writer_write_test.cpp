#include "tests/unit/sqlite/table_writer_fixture.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::HasSubstr;

class TableWriterWrite : public TableWriterTest {};

TEST_F(TableWriterWrite, AppendAddsRowsInOrderAndInAnyColumnOrder) {
  sql("CREATE TABLE t(a INTEGER, b TEXT, c TEXT DEFAULT 'd'); INSERT INTO t VALUES(0, 'old', 'c')");
  const auto made = begun(spec("t"), {"B", "a"});
  EXPECT_EQ(put(*made, {{"x", "1"}, {"y", "2"}}).written, 2U);
  EXPECT_EQ(put(*made, {{"z", "3"}}).written, 1U);
  EXPECT_EQ(query("SELECT * FROM t"), "0|old|c;1|x|d;2|y|d;3|z|d");
  EXPECT_EQ(made->closing_chunks(), 0);
}

TEST_F(TableWriterWrite, RefusedRowsBecomeRejectsAndTheRestIsKept) {
  sql("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT NOT NULL, c INTEGER CONSTRAINT positive CHECK(c > 0))");
  const auto made = begun(spec("t"), {"a", "b", "c"});
  const Outcome outcome = put(
      *made, {{"1", "x", "1"}, {"1", "again", "1"}, {"2", FieldKind::null, "1"}, {"3", "y", "-5"}, {"4", "z", "4"}});
  EXPECT_EQ(outcome.written, 2U);
  EXPECT_EQ(query("SELECT a FROM t"), "1;4");
  ASSERT_EQ(outcome.rejects.size(), 3U);
  EXPECT_EQ(outcome.rejects[0].column, "a");
  EXPECT_EQ(outcome.rejects[0].value, "1");
  EXPECT_EQ(outcome.rejects[0].record, 2U);
  EXPECT_EQ(outcome.rejects[0].raw, "1,again,1");
  EXPECT_THAT(outcome.rejects[0].reason, HasSubstr("UNIQUE"));
  EXPECT_EQ(outcome.rejects[1].column, "b");
  EXPECT_THAT(outcome.rejects[1].reason, HasSubstr("NOT NULL"));
  EXPECT_THAT(outcome.rejects[2].reason, HasSubstr("positive"));
  EXPECT_EQ(outcome.rejects[2].phase, RejectPhase::write);
}

TEST_F(TableWriterWrite, ForeignKeysAreChecked) {
  sql("CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES(1); CREATE TABLE t(p INTEGER REFERENCES p)");
  const auto made = begun(spec("t"), {"p"});
  const Outcome outcome = put(*made, {{"1"}, {"2"}, {""}});
  EXPECT_EQ(outcome.written, 2U);
  ASSERT_EQ(outcome.rejects.size(), 1U);
  EXPECT_THAT(outcome.rejects[0].reason, HasSubstr("FOREIGN KEY"));
  EXPECT_EQ(query("SELECT p FROM t"), "1;NULL");
}

TEST_F(TableWriterWrite, TriggersRunAndTheirRefusalIsAReject) {
  sql("CREATE TABLE t(a INTEGER); CREATE TABLE log(a); "
      "CREATE TRIGGER keep AFTER INSERT ON t BEGIN INSERT INTO log VALUES(new.a); END; "
      "CREATE TRIGGER odd BEFORE INSERT ON t WHEN new.a % 2 BEGIN SELECT RAISE(ABORT, 'odd'); END");
  const auto made = begun(spec("t"), {"a"});
  const Outcome outcome = put(*made, {{"2"}, {"3"}, {"4"}});
  EXPECT_EQ(query("SELECT a FROM log"), "2;4");
  ASSERT_EQ(outcome.rejects.size(), 1U);
  EXPECT_EQ(outcome.rejects[0].reason, "odd");
  EXPECT_EQ(outcome.rejects[0].record, 2U);
}

TEST_F(TableWriterWrite, TableThatRollsTheTransactionBackIsAnError) {
  sql("CREATE TABLE t(a INTEGER NOT NULL ON CONFLICT ROLLBACK)");
  const auto made = begun(spec("t"), {"a"});
  std::vector<Reject> rejects;
  const RowBatch batch = make_batch({{"1"}, {""}});
  const auto encoded = made->encode(batch, rejects);
  ok(connection_->begin());
  const auto written = made->write(*encoded);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::invalid);
  EXPECT_THAT(written.error().message, HasSubstr("rolls back the transaction"));
}

TEST_F(TableWriterWrite, LastRowThatRollsTheTransactionBackIsAnErrorToo) {
  sql("CREATE TABLE t(a INTEGER CHECK(a > 0)); CREATE TRIGGER r BEFORE INSERT ON t WHEN new.a = 5 "
      "BEGIN SELECT RAISE(ROLLBACK, 'five'); END");
  const auto made = begun(spec("t"), {"a"});
  std::vector<Reject> rejects;
  const RowBatch batch = make_batch({{"-1"}, {"5"}});
  const auto encoded = made->encode(batch, rejects);
  ok(connection_->begin());
  EXPECT_FALSE(made->write(*encoded));
}

TEST_F(TableWriterWrite, TableThatKeepsPartOfAFailedStatementIsAnError) {
  sql("CREATE TABLE t(a INTEGER NOT NULL ON CONFLICT FAIL)");
  const auto made = begun(spec("t"), {"a"});
  std::vector<Reject> rejects;
  const RowBatch batch = make_batch({{"1"}, {""}, {"3"}});
  const auto encoded = made->encode(batch, rejects);
  ok(connection_->begin());
  const auto written = made->write(*encoded);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("keeps rows of a failed statement"));
}

TEST_F(TableWriterWrite, UpsertChangesInsertsAndTheLastOfAKeyWins) {
  sql("CREATE TABLE t(k TEXT, s INTEGER, v TEXT, w TEXT DEFAULT 'w', UNIQUE(s, k)); "
      "INSERT INTO t VALUES('a', 1, 'old', 'kept')");
  const auto made = begun(spec("t", WriteMode::upsert, {"k", "s"}), {"s", "k", "v"});
  const Outcome outcome = put(*made, {{"1", "a", "new"}, {"2", "a", "x"}, {"2", "a", "y"}});
  EXPECT_EQ(outcome.written, 3U);
  EXPECT_EQ(query("SELECT * FROM t ORDER BY s"), "a|1|new|kept;a|2|y|w");
  put(*made, {{"2", "a", "z"}});
  EXPECT_EQ(query("SELECT v FROM t ORDER BY s"), "new;z");
}

TEST_F(TableWriterWrite, UpsertOfKeyColumnsAloneChangesNothing) {
  sql("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT DEFAULT 'd'); INSERT INTO t VALUES(1, 'x')");
  const auto made = begun(spec("t", WriteMode::upsert, {"id"}), {"id"});
  EXPECT_EQ(put(*made, {{"1"}, {"2"}, {"2"}}).written, 3U);
  EXPECT_EQ(query("SELECT * FROM t"), "1|x;2|d");
}

TEST_F(TableWriterWrite, UpsertThatAnotherConstraintRefusesIsAReject) {
  sql("CREATE TABLE t(id INTEGER PRIMARY KEY, mail TEXT UNIQUE, n INTEGER NOT NULL)");
  const auto made = begun(spec("t", WriteMode::upsert, {"id"}), {"id", "mail", "n"});
  const Outcome outcome =
      put(*made, {{"1", "a", "1"}, {"2", "a", "2"}, {"1", "b", ""}, {"1", "c", "3"}, {"3", "d", "4"}});
  EXPECT_EQ(outcome.rejects.size(), 2U);
  EXPECT_EQ(query("SELECT * FROM t"), "1|c|3;3|d|4");
}

TEST_F(TableWriterWrite, CreatedTableIsMadeOnceAndUsedAgain) {
  auto created = spec("t", WriteMode::upsert, {"id"});
  created.create = true;
  const auto first = begun(created, {"id", "v"});
  put(*first, {{"1", "a"}});
  const auto second = begun(created, {"id", "v"});
  put(*second, {{"1", "b"}, {"2", "c"}});
  EXPECT_EQ(query("SELECT * FROM t"), "1|b;2|c");
}

TEST_F(TableWriterWrite, ResumeAfterReopeningGoesOn) {
  auto created = spec("t");
  created.create = true;
  put(*begun(created, {"v"}), {{"1"}});
  connection_ = open();
  const auto resumed = writer(created);
  ok(resumed->bind({"v"}));
  in_transaction([&] { return resumed->resume(7); });
  put(*resumed, {{"2"}});
  EXPECT_EQ(query("SELECT v FROM t"), "1;2");
}

TEST_F(TableWriterWrite, RolledBackChunkCanBeWrittenAgain) {
  sql("CREATE TABLE t(a INTEGER)");
  const auto made = begun(spec("t"), {"a"});
  std::vector<Reject> rejects;
  const RowBatch batch = make_batch({{"1"}, {"2"}});
  const auto encoded = made->encode(batch, rejects);
  ok(connection_->begin());
  ASSERT_TRUE(made->write(*encoded));
  connection_->rollback();
  in_transaction([&]() -> Status {
    BATON_TRY(const WriteTally tally, made->write(*encoded));
    EXPECT_EQ(tally.written, 2U);
    return {};
  });
  EXPECT_EQ(query("SELECT a FROM t"), "1;2");
}

TEST_F(TableWriterWrite, MemoryOfEarlierBatchesIsReusedWithoutMixing) {
  sql("CREATE TABLE t(a TEXT, b DECIMAL(5,2))");
  const auto made = begun(spec("t"), {"a", "b"});
  for (int i = 0; i < 50; ++i) {
    TestRows rows(static_cast<std::size_t>(50 - i), {{std::to_string(i)}, {"1e0"}});
    put(*made, rows);
  }
  EXPECT_EQ(query("SELECT count(*), sum(a), sum(b) FROM t"), "1275|20825|1275");
}

}  // namespace
}  // namespace baton

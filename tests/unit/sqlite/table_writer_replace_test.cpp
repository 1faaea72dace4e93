#include "tests/unit/sqlite/table_writer_fixture.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::HasSubstr;

class TableWriterReplace : public TableWriterTest {
 protected:
  static TableSpec replace(std::vector<std::string> key = {}) { return spec("t", WriteMode::replace, std::move(key)); }

  Error close_error(TableWriter& writer) {
    ok(connection_->begin());
    const auto closed = writer.close(0, true, 0);
    connection_->rollback();
    EXPECT_FALSE(closed);
    return closed ? Error{} : closed.error();
  }
};

TEST_F(TableWriterReplace, OtherConnectionsSeeTheOldRowsUntilTheSwapIsCommitted) {
  sql("CREATE TABLE t(id INTEGER, v TEXT); INSERT INTO t VALUES(1, 'old')");
  const auto reader = open();
  const auto made = begun(replace(), {"id", "v"});
  put(*made, {{"2", "new"}});
  put(*made, {{"3", "new"}});
  EXPECT_EQ(query(*reader, "SELECT * FROM t"), "1|old");
  EXPECT_EQ(made->closing_chunks(), 1);
  ok(connection_->begin());
  ok(made->close(0, true, 0));
  EXPECT_EQ(query(*reader, "SELECT * FROM t"), "1|old");
  ok(connection_->commit());
  EXPECT_EQ(query(*reader, "SELECT * FROM t"), "2|new;3|new");
  EXPECT_EQ(query("SELECT name FROM sqlite_schema"), "t");
}

TEST_F(TableWriterReplace, ViewsTriggersAndIndexesSurvive) {
  sql("CREATE TABLE t(id INTEGER, v TEXT UNIQUE); CREATE TABLE log(id); CREATE TABLE other(id); "
      "CREATE INDEX t_id ON t(id) WHERE id > 0; CREATE UNIQUE INDEX [t u] ON t(id, v); "
      "CREATE VIEW seen AS SELECT id * 10 AS ten FROM t; "
      "CREATE TRIGGER t_log AFTER INSERT ON t BEGIN INSERT INTO log VALUES(new.id); END; "
      "CREATE TRIGGER o_log AFTER INSERT ON other BEGIN INSERT INTO t VALUES(new.id, 'from other'); END; "
      "INSERT INTO t VALUES(1, 'old'); DELETE FROM log");
  const auto made = begun(replace(), {"id", "v"});
  put(*made, {{"2", "two"}, {"3", "three"}});
  close_all(*made);
  EXPECT_EQ(query("SELECT ten FROM seen"), "20;30");
  EXPECT_EQ(query("SELECT id FROM log"), "");
  sql("INSERT INTO other VALUES(4)");
  EXPECT_EQ(query("SELECT id FROM log"), "4");
  EXPECT_EQ(query("SELECT name FROM sqlite_schema WHERE type IN ('index', 'trigger', 'view') ORDER BY name"),
            "o_log;seen;sqlite_autoindex_t_1;t u;t_id;t_log");
  EXPECT_EQ(query("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(query("SELECT count(*) FROM t INDEXED BY t_id WHERE id > 0"), "3");
}

TEST_F(TableWriterReplace, RowsThatATargetsUniqueIndexRefusesAreRejects) {
  sql("CREATE TABLE t(id INTEGER, v TEXT); CREATE UNIQUE INDEX u ON t(id)");
  const auto made = begun(replace(), {"id", "v"});
  const Outcome outcome = put(*made, {{"1", "a"}, {"1", "b"}});
  ASSERT_EQ(outcome.rejects.size(), 1U);
  EXPECT_EQ(outcome.rejects[0].column, "id");
  EXPECT_EQ(outcome.rejects[0].reason, "UNIQUE constraint failed: t.id");
  close_all(*made);
  EXPECT_EQ(query("SELECT * FROM t"), "1|a");
}

TEST_F(TableWriterReplace, LastOfAKeyWins) {
  sql("CREATE TABLE t(id INTEGER, v TEXT); INSERT INTO t VALUES(9, 'old')");
  const auto made = begun(replace({"id"}), {"id", "v"});
  put(*made, {{"1", "a"}, {"2", "b"}, {"1", "c"}});
  put(*made, {{"2", "d"}});
  close_all(*made);
  EXPECT_EQ(query("SELECT * FROM t ORDER BY id"), "1|c;2|d");
  EXPECT_EQ(query("SELECT count(*) FROM sqlite_schema"), "1");
}

TEST_F(TableWriterReplace, AutoincrementNeverGivesANumberTwice) {
  sql("CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT); INSERT INTO t(v) VALUES('a'), ('b'); "
      "DELETE FROM t WHERE id = 2");
  const auto made = begun(replace(), {"v"});
  put(*made, {{"c"}});
  sql("INSERT INTO t(v) VALUES('late'), ('later')");
  close_all(*made);
  EXPECT_EQ(query("SELECT * FROM t"), "3|c");
  sql("INSERT INTO t(v) VALUES('d')");
  EXPECT_EQ(query("SELECT * FROM t"), "3|c;5|d");
  EXPECT_EQ(query("SELECT name FROM sqlite_sequence"), "t");
}

TEST_F(TableWriterReplace, TableThatRefersToItselfTakesRowsInAnyOrder) {
  sql("CREATE TABLE t(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES t(id))");
  const auto made = begun(replace(), {"id", "parent"});
  EXPECT_EQ(put(*made, {{"2", "1"}, {"1", ""}}).written, 2U);
  close_all(*made);
  EXPECT_EQ(query("SELECT * FROM t"), "1|NULL;2|1");
  EXPECT_EQ(query("SELECT \"table\" FROM pragma_foreign_key_list('t')"), "t");
  const auto broken = begun(replace(), {"id", "parent"});
  put(*broken, {{"2", "1"}});
  const Error error = close_error(*broken);
  EXPECT_EQ(error.kind, ErrorKind::invalid);
  EXPECT_THAT(error.message, HasSubstr("rowid 2 of t"));
  EXPECT_EQ(query("SELECT * FROM t"), "1|NULL;2|1");
}

TEST_F(TableWriterReplace, ChildrenKeepTheirRowsAndMustFindTheirParents) {
  sql("CREATE TABLE t(id INTEGER PRIMARY KEY); INSERT INTO t VALUES(1), (2); "
      "CREATE TABLE c(t INTEGER REFERENCES t ON DELETE CASCADE); INSERT INTO c VALUES(1), (77)");
  const auto made = begun(replace(), {"id"});
  put(*made, {{"1"}});
  close_all(*made);
  EXPECT_EQ(query("SELECT t FROM c"), "1;77");
  const auto broken = begun(replace(), {"id"});
  put(*broken, {{"2"}});
  EXPECT_THAT(close_error(*broken).message, HasSubstr("of c refers to a row that t lacks"));
}

TEST_F(TableWriterReplace, MissingTableIsCreatedAndReplacedAgain) {
  auto created = replace({"code"});
  created.create = true;
  for (const char* name : {"a", "b"}) {
    const auto made = begun(created, {"code", "name"});
    put(*made, {{"1", name}});
    close_all(*made);
    EXPECT_EQ(query("SELECT * FROM t"), std::string("1|") + name);
  }
  EXPECT_EQ(query("SELECT strict FROM pragma_table_list WHERE name = 't'"), "1");
}

TEST_F(TableWriterReplace, TableAlteredInBetweenIsRefused) {
  sql("CREATE TABLE t(id INTEGER)");
  const auto made = begun(replace(), {"id"});
  sql("ALTER TABLE t ADD COLUMN more TEXT");
  const Error error = close_error(*made);
  EXPECT_EQ(error.kind, ErrorKind::invalid);
  EXPECT_THAT(error.message, HasSubstr("altered"));
}

TEST_F(TableWriterReplace, ResumeAfterReopeningGoesOnAndMissingStagingIsNoticed) {
  sql("CREATE TABLE t(id INTEGER)");
  put(*begun(replace(), {"id"}), {{"1"}});
  connection_ = open();
  const auto resumed = writer(replace());
  ok(resumed->bind({"id"}));
  in_transaction([&] { return resumed->resume(7); });
  put(*resumed, {{"2"}});
  EXPECT_TRUE(resumed->staging_is_whole(2).value());
  close_all(*resumed);
  EXPECT_EQ(query("SELECT id FROM t"), "1;2");
  EXPECT_FALSE(resumed->staging_is_whole(2).value());
}

TEST_F(TableWriterReplace, GeneratedColumnsAndWithoutRowidAreKept) {
  sql("CREATE TABLE t(id TEXT PRIMARY KEY, twice AS (id || id)) WITHOUT ROWID; INSERT INTO t VALUES('x')");
  const auto made = begun(replace(), {"id"});
  put(*made, {{"a"}, {"b"}});
  close_all(*made);
  EXPECT_EQ(query("SELECT * FROM t"), "a|aa;b|bb");
}

}  // namespace
}  // namespace baton

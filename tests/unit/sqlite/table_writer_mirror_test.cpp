#include "tests/unit/sqlite/table_writer_fixture.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::HasSubstr;

class TableWriterMirror : public TableWriterTest {
 protected:
  void SetUp() override {
    TableWriterTest::SetUp();
    sql("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT CHECK(v <> 'bad')); "
        "INSERT INTO t VALUES(1, 'same'), (2, 'old'), (3, 'gone')");
  }

  TableSpec mirror() { return spec("t", WriteMode::mirror, {"id"}); }
};

TEST_F(TableWriterMirror, TargetBecomesTheInput) {
  const auto made = begun(mirror(), {"id", "v"});
  put(*made, {{"1", "same"}, {"2", "x"}, {"4", "four"}});
  put(*made, {{"2", "new"}});
  EXPECT_EQ(query("SELECT * FROM t"), "1|same;2|old;3|gone");
  EXPECT_EQ(made->closing_chunks(), 2);
  in_transaction([&] { return made->close(0, true, 0); });
  EXPECT_EQ(query("SELECT * FROM t"), "1|same;2|new;3|gone;4|four");
  in_transaction([&] { return made->close(1, true, 0); });
  EXPECT_EQ(query("SELECT * FROM t"), "1|same;2|new;4|four");
  EXPECT_EQ(query("SELECT name FROM sqlite_schema WHERE name LIKE 'baton%'"), "");
}

TEST_F(TableWriterMirror, RowsThatAreTheSameAreLeftAlone) {
  sql("CREATE TABLE log(id); CREATE TRIGGER u AFTER UPDATE ON t BEGIN INSERT INTO log VALUES(new.id); END");
  const auto made = begun(mirror(), {"id", "v"});
  put(*made, {{"1", "same"}, {"2", "OLD"}, {"3", FieldKind::null}});
  close_all(*made);
  EXPECT_EQ(query("SELECT id FROM log"), "2;3");
}

TEST_F(TableWriterMirror, ChangeOfCaseIsAChange) {
  sql("CREATE TABLE n(id INTEGER PRIMARY KEY, v TEXT COLLATE NOCASE); INSERT INTO n VALUES(1, 'name')");
  const auto made = begun(spec("n", WriteMode::mirror, {"id"}), {"id", "v"});
  put(*made, {{"1", "Name"}});
  close_all(*made);
  EXPECT_EQ(query("SELECT v FROM n"), "Name");
}

TEST_F(TableWriterMirror, NothingIsDeletedAfterAReject) {
  const auto made = begun(mirror(), {"id", "v"});
  const Outcome outcome = put(*made, {{"2", "new"}, {"3", "bad"}});
  ASSERT_EQ(outcome.rejects.size(), 1U);
  EXPECT_THAT(outcome.rejects[0].reason, testing::Not(HasSubstr("baton_stage")));
  close_all(*made, false);
  EXPECT_EQ(query("SELECT * FROM t"), "1|same;2|new;3|gone");
  EXPECT_EQ(query("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'baton%'"), "0");
}

TEST_F(TableWriterMirror, EmptyInputEmptiesTheTarget) {
  const auto made = begun(mirror(), {"id", "v"});
  close_all(*made);
  EXPECT_EQ(query("SELECT count(*) FROM t"), "0");
}

TEST_F(TableWriterMirror, KeyMayBeAnIndexOfItsOwn) {
  sql("CREATE TABLE k(a TEXT COLLATE NOCASE, b INTEGER, v TEXT); CREATE UNIQUE INDEX \"k on\" ON k(a, b); "
      "INSERT INTO k VALUES('x', 1, 'old'), ('y', 1, 'gone')");
  const auto made = begun(spec("k", WriteMode::mirror, {"a", "b"}), {"b", "v", "a"});
  put(*made, {{"1", "first", "X"}, {"1", "last", "x"}, {"2", "new", "x"}});
  close_all(*made);
  EXPECT_EQ(query("SELECT * FROM k"), "x|1|last;x|2|new");
}

TEST_F(TableWriterMirror, MissingTableIsCreated) {
  auto created = spec("fresh", WriteMode::mirror, {"id"});
  created.create = true;
  const auto made = begun(created, {"id", "v"});
  put(*made, {{"1", "a"}});
  close_all(*made);
  EXPECT_EQ(query("SELECT * FROM fresh"), "1|a");
}

TEST_F(TableWriterMirror, DeletedRowsCascade) {
  sql("CREATE TABLE c(t INTEGER REFERENCES t ON DELETE CASCADE); INSERT INTO c VALUES(1), (3)");
  const auto made = begun(mirror(), {"id", "v"});
  put(*made, {{"1", "a"}});
  close_all(*made);
  EXPECT_EQ(query("SELECT t FROM c"), "1");
}

TEST_F(TableWriterMirror, TableThatRefersToItselfTakesRowsInAnyOrder) {
  sql("CREATE TABLE n(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES n); INSERT INTO n VALUES(1, NULL), (9, 1)");
  const auto made = begun(spec("n", WriteMode::mirror, {"id"}), {"id", "parent"});
  EXPECT_EQ(put(*made, {{"3", "2"}, {"2", ""}}).written, 2U);
  close_all(*made);
  EXPECT_EQ(query("SELECT * FROM n"), "2|NULL;3|2");
  const auto broken = begun(spec("n", WriteMode::mirror, {"id"}), {"id", "parent"});
  put(*broken, {{"3", "2"}});
  in_transaction([&] { return broken->close(0, true, 0); });
  ok(connection_->begin());
  const auto closed = broken->close(1, true, 0);
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().kind, ErrorKind::invalid);
  connection_->rollback();
}

TEST_F(TableWriterMirror, ResumeAfterReopeningGoesOnAndMissingStagingIsNoticed) {
  put(*begun(mirror(), {"id", "v"}), {{"1", "a"}});
  connection_ = open();
  auto resumed = writer(mirror());
  ok(resumed->bind({"id", "v"}));
  in_transaction([&] { return resumed->resume(7); });
  put(*resumed, {{"2", "b"}});
  in_transaction([&] { return resumed->close(0, true, 0); });
  resumed.reset();
  connection_ = open();
  const auto closing = writer(mirror());
  ok(closing->bind({"id", "v"}));
  in_transaction([&] { return closing->resume(7); });
  in_transaction([&] { return closing->close(1, true, 0); });
  EXPECT_EQ(query("SELECT * FROM t"), "1|a;2|b");
  EXPECT_FALSE(closing->staging_is_whole(2).value());
}

TEST_F(TableWriterMirror, BeginningAnewAndDiscardDropTheStaging) {
  const auto made = begun(mirror(), {"id", "v"});
  put(*made, {{"1", "a"}});
  in_transaction([&] { return made->begin(7); });
  EXPECT_EQ(query("SELECT count(*) FROM baton_stage__7_t"), "0");
  in_transaction([&] { return made->discard(7); });
  EXPECT_EQ(query("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'baton%'"), "0");
  in_transaction([&] { return made->discard(7); });
}

}  // namespace
}  // namespace baton

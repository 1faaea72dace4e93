// mirror: the table becomes what was staged, also where unique values move between rows.
#include "tests/postgres/table_writer_fixture.h"

namespace baton {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class PgMirror : public PgTableWriterTest {
 protected:
  PgOutcome mirror(const PgTestRows& rows, const std::vector<std::string>& inputs = {"id", "code"}) {
    return load(spec("t", WriteMode::mirror, {"id"}), inputs, rows);
  }
  std::string rows(const std::string& columns = "id, code") {
    return query("SELECT " + columns + " FROM t ORDER BY id");
  }
};

TEST_F(PgMirror, UniqueValueMovesFromARowThatDidNotComeThenTheTableIsAsTheInput) {
  query("CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE); INSERT INTO t VALUES (1, 'a'), (2, 'b')");
  const PgOutcome outcome = mirror({{"2", "a"}});
  EXPECT_THAT(outcome.rejects, IsEmpty());
  EXPECT_EQ(outcome.written, 1U);
  EXPECT_EQ(rows(), "2|a");
}

TEST_F(PgMirror, RowsOfAnInheritingTableThenTheyStay) {
  query(
      "CREATE TABLE t (id int PRIMARY KEY, code text); CREATE TABLE heir () INHERITS (t); "
      "INSERT INTO t VALUES (1, 'a'); INSERT INTO heir VALUES (7, 'x')");
  mirror({{"2", "b"}});
  EXPECT_EQ(rows(), "2|b\n7|x");
}

TEST_F(PgMirror, RowsOfPartitionsThatDidNotComeThenTheyAreDeleted) {
  query(
      "CREATE TABLE t (id int PRIMARY KEY, code text) PARTITION BY RANGE (id); "
      "CREATE TABLE low PARTITION OF t FOR VALUES FROM (0) TO (5); CREATE TABLE high PARTITION OF t FOR VALUES FROM "
      "(5) "
      "TO (10); INSERT INTO t VALUES (1, 'a'), (7, 'x')");
  mirror({{"2", "b"}});
  EXPECT_EQ(rows(), "2|b");
}

TEST_F(PgMirror, UniqueValuesAreSwappedOrShiftedThenTheTableIsAsTheInputWithItsOtherColumns) {
  query(
      "CREATE TABLE t (id int PRIMARY KEY, code text NOT NULL UNIQUE, kept text, serial bigint GENERATED ALWAYS AS "
      "IDENTITY, twice int GENERATED ALWAYS AS (id * 2) STORED); CREATE UNIQUE INDEX ON t (lower(code)); "
      "INSERT INTO t (id, code, kept) VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'c', 'z'), (4, 'd', 'w'), (5, 'e', "
      "'v')");
  const std::string unchanged = query("SELECT ctid FROM t WHERE id = 5");
  const PgOutcome outcome = mirror({{"1", "B"}, {"2", "a"}, {"3", "d"}, {"4", "f"}, {"5", "e"}, {"6", "c"}});
  EXPECT_THAT(outcome.rejects, IsEmpty());
  EXPECT_EQ(rows("id, code, kept, CASE WHEN id < 6 THEN serial END, twice"),
            "1|B|x|1|2\n2|a|y|2|4\n3|d|z|3|6\n4|f|w|4|8\n5|e|v|5|10\n6|c|||12");
  EXPECT_EQ(query("SELECT ctid FROM t WHERE id = 5"), unchanged);
}

TEST_F(PgMirror, ValuesMoveAndARowIsRefusedThenOnlyThatOneIsARejectAndNothingIsDeleted) {
  query(
      "CREATE TABLE p (n int PRIMARY KEY); INSERT INTO p VALUES (1); "
      "CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE, n int REFERENCES p); "
      "INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 1), (9, 'z', 1)");
  const PgOutcome outcome =
      mirror({{"1", "b", "1"}, {"2", "a", "1"}, {"3", "c", "7"}, {"4", "d", "1"}}, {"id", "code", "n"});
  EXPECT_EQ(records_of(outcome.rejects), "3");
  EXPECT_EQ(rows(), "1|b\n2|a\n4|d\n9|z");
}

TEST_F(PgMirror, ManyValuesMoveBetweenRowsThatAreFarApartThenOnlyTheWrongOnesAreRejects) {
  query(
      "CREATE TABLE p (n int PRIMARY KEY); INSERT INTO p VALUES (1); "
      "CREATE TABLE t (id int PRIMARY KEY, code int UNIQUE, n int REFERENCES p); "
      "INSERT INTO t SELECT i, i, 1 FROM generate_series(1, 300) i");
  PgTestRows input;
  for (int id = 1; id <= 300; ++id) input.push_back({std::to_string(id), std::to_string(301 - id), "1"});
  input[200] = {"201", "1000", "7"};  // refused: it keeps 201
  input[99] = {"100", "1001", "1"};
  input.push_back({"301", "400", "7"});
  EXPECT_EQ(records_of(mirror(input, {"id", "code", "n"}).rejects), "201 301");
  EXPECT_EQ(query("SELECT count(*) FROM t WHERE code = 301 - id"), "298");
}

TEST_F(PgMirror, NoRejectIsAllowedThenTheRowThatIsWrongIsNamedAndNotOneWhoseValueMoves) {
  query(
      "CREATE TABLE p (n int PRIMARY KEY); INSERT INTO p VALUES (1); "
      "CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE, n int REFERENCES p); "
      "INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 1), (3, 'c', 1), (4, 'd', 1)");
  const auto to = bound(spec("t", WriteMode::mirror, {"id"}), {"id", "code", "n"});
  begin(*to);
  write(*to, pg_batch({{"1", "d", "1"}, {"2", "b", "1"}, {"3", "c", "7"}, {"4", "a", "1"}}));
  ASSERT_TRUE(connection().script("BEGIN"));
  const auto rejects = to->close(0, true, 0);
  ASSERT_TRUE(rejects) << rejects.error().message;
  EXPECT_EQ(records_of(rejects->rejects), "3");
  ASSERT_TRUE(connection().script("ROLLBACK"));
}

TEST_F(PgMirror, ARejectKeepsTheRowWhoseValueAnotherNeedsThenThatIsAReject) {
  query(
      "CREATE TABLE p (n int PRIMARY KEY); INSERT INTO p VALUES (1); "
      "CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE, n int REFERENCES p); "
      "INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 1)");
  const PgOutcome outcome = mirror({{"2", "a", "1"}, {"3", "c", "7"}, {"4", "d", "1"}}, {"id", "code", "n"});
  EXPECT_EQ(records_of(outcome.rejects), "1 2");
  ASSERT_THAT(outcome.rejects, SizeIs(2));
  EXPECT_THAT(outcome.rejects[0].reason, HasSubstr("foreign key"));
  EXPECT_THAT(outcome.rejects[1].reason, HasSubstr("nothing is deleted in a run with a reject"));
  EXPECT_EQ(rows(), "1|a\n2|b\n4|d");
}

TEST_F(PgMirror, RowsOfOthersReferToTheTableThenTheyAreKeptAndTheSwapIsRefusedWithItsRemedy) {
  query(
      "CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE); INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c');"
      "CREATE TABLE child (t int REFERENCES t ON DELETE CASCADE); INSERT INTO child VALUES (1), (2), (3)");
  const PgOutcome outcome = mirror({{"1", "b"}, {"2", "a"}});
  EXPECT_EQ(records_of(outcome.rejects), "1 2");
  ASSERT_THAT(outcome.rejects, SizeIs(2));
  EXPECT_THAT(outcome.rejects[0].reason, HasSubstr("t_code_key"));
  EXPECT_THAT(outcome.rejects[0].reason, HasSubstr("DEFERRABLE"));
  EXPECT_EQ(rows(), "1|a\n2|b\n3|c");
  EXPECT_EQ(query("SELECT string_agg(t::text, ',' ORDER BY t) FROM child"), "1,2,3");
  query("ALTER TABLE t DROP CONSTRAINT t_code_key, ADD UNIQUE (code) DEFERRABLE");
  EXPECT_THAT(mirror({{"1", "b"}, {"2", "a"}}).rejects, IsEmpty());
  EXPECT_EQ(rows(), "1|b\n2|a");
  EXPECT_EQ(query("SELECT string_agg(t::text, ',' ORDER BY t) FROM child"), "1,2");
}

TEST_F(PgMirror, KeptRowRefersToOneThatGoesThenItIsChangedFirst) {
  query(
      "CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES t, code text UNIQUE); "
      "INSERT INTO t VALUES (1, NULL, 'a'), (2, 1, 'b')");
  EXPECT_THAT(mirror({{"2", "3", "b"}, {"3", "", "c"}}, {"id", "parent", "code"}).rejects, IsEmpty());
  EXPECT_EQ(rows("id, parent"), "2|3\n3|");
}

// Directly, and around another table.
TEST_F(PgMirror, DeletingWouldReachKeptRowsThenTheyAreChangedFirst) {
  query(
      "CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES t ON DELETE CASCADE, kept text); "
      "CREATE TABLE child (t int REFERENCES t ON DELETE CASCADE); "
      "INSERT INTO t VALUES (1, NULL, 'x'), (2, 1, 'y'); INSERT INTO child VALUES (2)");
  EXPECT_THAT(mirror({{"2", ""}}, {"id", "parent"}).rejects, IsEmpty());
  EXPECT_EQ(rows("id, parent, kept"), "2||y");
  EXPECT_EQ(query("SELECT t FROM child"), "2");
  query(
      "DROP TABLE child, t; CREATE TABLE t (id int PRIMARY KEY, g int, kept text); "
      "CREATE TABLE g (g int PRIMARY KEY, t int REFERENCES t ON DELETE CASCADE); "
      "INSERT INTO t VALUES (1, NULL, 'x'); INSERT INTO g VALUES (1, 1), (2, NULL); "
      "INSERT INTO t VALUES (2, 1, 'y'); ALTER TABLE t ADD FOREIGN KEY (g) REFERENCES g ON DELETE CASCADE");
  EXPECT_THAT(mirror({{"2", "2"}}, {"id", "g"}).rejects, IsEmpty());
  EXPECT_EQ(rows("id, g, kept"), "2|2|y");
}

TEST_F(PgMirror, RowThatGoesIsReferredToThenTheRunFailsAndTheTableIsAsItWas) {
  query(
      "CREATE TABLE t (id int PRIMARY KEY, code text); INSERT INTO t VALUES (1, 'a'), (2, 'b'); "
      "CREATE TABLE child (t int REFERENCES t); INSERT INTO child VALUES (1)");
  const auto to = bound(spec("t", WriteMode::mirror, {"id"}), {"id", "code"});
  begin(*to);
  write(*to, pg_batch({{"2", "c"}}));
  const auto closed = in_transaction([&] { return to->close(0, true, 100); });
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().kind, ErrorKind::invalid);
  EXPECT_THAT(closed.error().message, HasSubstr("child"));
  EXPECT_EQ(rows(), "1|a\n2|b");
}

TEST_F(PgMirror, NewRowRefersToOneThatGoesThenItIsARejectAndNothingIsDeleted) {
  query("CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES t); INSERT INTO t VALUES (1, NULL), (2, NULL)");
  EXPECT_EQ(records_of(mirror({{"2", ""}, {"3", "1"}}, {"id", "parent"}).rejects), "2");
  EXPECT_EQ(rows("id, parent"), "1|\n2|");
}

}  // namespace
}  // namespace baton

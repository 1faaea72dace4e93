// Rows that were staged and that the table refuses: rejects, and the rest is kept.
#include "tests/postgres/table_writer_fixture.h"

#include <algorithm>

namespace baton {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class PgStagedMerge : public PgTableWriterTest {
 protected:
  static TableSpec staged(WriteMode mode, const std::string& table = "t") {
    TableSpec of = spec(table, mode, {"id"});
    if (mode == WriteMode::upsert) of.writers = 2;
    return of;
  }

  static std::string records(const std::vector<Reject>& rejects) {
    for (const Reject& reject : rejects) EXPECT_EQ(reject.phase, RejectPhase::write);
    return records_of(rejects);
  }

  // id|p of records 1 to `count`; p is 7, and 1 for those of `bad`.
  static PgTestRows many(int count, const std::vector<int>& bad) {
    PgTestRows rows;
    for (int id = 1; id <= count; ++id) {
      const bool is_bad = std::find(bad.begin(), bad.end(), id) != bad.end();
      rows.push_back({std::to_string(id), is_bad ? "1" : "7"});
    }
    return rows;
  }

  std::string ids() { return query("SELECT string_agg(id::text, ' ' ORDER BY id) FROM t"); }
  std::string stages() { return query("SELECT relname FROM pg_class WHERE relname LIKE 'baton_stage%'"); }
};

class PgStagedMergeModes : public PgStagedMerge, public testing::WithParamInterface<WriteMode> {};

INSTANTIATE_TEST_SUITE_P(Modes, PgStagedMergeModes,
                         testing::Values(WriteMode::replace, WriteMode::mirror, WriteMode::upsert));

TEST_P(PgStagedMergeModes, P13ForeignKeyIsMissingThenThatRowIsRejectedWithItsRecordAndTheOthersAreKept) {
  query(
      "CREATE TABLE p (p int PRIMARY KEY); INSERT INTO p VALUES (7); "
      "CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p); INSERT INTO t VALUES (1000, 7)");
  const PgOutcome outcome = load(staged(GetParam()), {"id", "p"}, many(300, {2, 150, 151, 300}));
  EXPECT_EQ(records(outcome.rejects), "2 150 151 300");
  EXPECT_EQ(outcome.written, 296U);
  const Reject& first = outcome.rejects.front();
  EXPECT_EQ(first.record, 2U);
  EXPECT_EQ(first.column, "p");
  EXPECT_EQ(first.value, "1");
  EXPECT_THAT(first.reason, HasSubstr("foreign key"));
  EXPECT_THAT(first.reason, HasSubstr("Key (p)=(1)"));
  EXPECT_EQ(query("SELECT count(*), count(*) FILTER (WHERE id IN (2, 150, 151, 300)) FROM t WHERE id < 1000"), "296|0");
  EXPECT_EQ(query("SELECT count(*) FROM t WHERE id = 1000"), GetParam() == WriteMode::replace ? "0" : "1");
  EXPECT_EQ(stages(), "");
}

TEST_P(PgStagedMergeModes, P13TriggerOrPartitionRefusesThenItIsAReject) {
  query(
      "CREATE TABLE t (id int PRIMARY KEY, p int) PARTITION BY RANGE (id); "
      "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1) TO (5); "
      "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$; "
      "CREATE TRIGGER no BEFORE INSERT ON t1 FOR EACH ROW WHEN (NEW.p = 1) EXECUTE FUNCTION no()");
  const PgOutcome outcome = load(staged(GetParam()), {"id", "p"}, many(6, {3}));
  EXPECT_EQ(records(outcome.rejects), "3 5 6");
  EXPECT_THAT(outcome.rejects[0].reason, HasSubstr("not today"));
  EXPECT_THAT(outcome.rejects[1].reason, HasSubstr("no partition"));
  EXPECT_EQ(ids(), "1 2 4");
}

TEST_P(PgStagedMergeModes, P13DeferredConstraintRefusesThenItIsAReject) {
  query(
      "CREATE TABLE p (p int PRIMARY KEY); INSERT INTO p VALUES (7); "
      "CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p DEFERRABLE INITIALLY DEFERRED)");
  const PgOutcome outcome = load(staged(GetParam()), {"id", "p"}, many(5, {4}));
  EXPECT_EQ(records(outcome.rejects), "4");
  EXPECT_EQ(ids(), "1 2 3 5");
}

TEST_P(PgStagedMergeModes, P13RowsOfTheTableReferToLaterOnesThenOnlyTheWrongOnesAreRejected) {
  query("CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES t)");
  PgTestRows rows;
  for (int id = 1; id < 40; ++id) rows.push_back({std::to_string(id), std::to_string(id + 1)});
  rows.push_back({"40", FieldKind::null});
  rows.push_back({"41", "99"});  // and so the one that refers to it
  rows.push_back({"42", "41"});
  const PgOutcome outcome = load(staged(GetParam()), {"id", "p"}, rows);
  EXPECT_EQ(records(outcome.rejects), "41 42");
  EXPECT_EQ(query("SELECT count(*), max(id) FROM t"), "40|40");
}

TEST_P(PgStagedMergeModes, P13NothingIsRefusedThenTheStagingIsLeftAsItIs) {
  query("CREATE TABLE t (id int PRIMARY KEY, p int)");
  EXPECT_THAT(load(staged(GetParam()), {"id", "p"}, many(300, {})).rejects, IsEmpty());
  EXPECT_EQ(query("SELECT count(*) FROM t"), "300");
}

TEST_P(PgStagedMergeModes, P13MoreAreRefusedThanAllowedThenTheSearchEnds) {
  query("CREATE TABLE p (p int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p)");
  const auto to = bound(staged(GetParam()), {"id", "p"});
  begin(*to);
  write(*to, pg_batch(many(300, {})));
  ASSERT_TRUE(connection().script("BEGIN"));
  const auto rejects = to->close(0, true, 2);
  ASSERT_TRUE(rejects) << rejects.error().message;
  EXPECT_EQ(records(rejects->rejects), "1 2 3");
  ASSERT_TRUE(connection().script("ROLLBACK"));
}

TEST_F(PgStagedMerge, P13LastRowOfAKeyIsRefusedThenTheOneBeforeIsKept) {
  query(
      "CREATE TABLE p (p int PRIMARY KEY); INSERT INTO p VALUES (7), (8); "
      "CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p)");
  const PgOutcome outcome =
      load(staged(WriteMode::upsert), {"id", "p"}, {{"1", "7"}, {"2", "7"}, {"1", "8"}, {"1", "9"}, {"2", "8"}});
  EXPECT_EQ(records(outcome.rejects), "4");
  EXPECT_EQ(query("SELECT id, p FROM t ORDER BY 1"), "1|8\n2|8");
}

TEST_F(PgStagedMerge, P13UniqueKeyOfAnotherRowIsTakenThenItIsAReject) {
  query("CREATE TABLE t (id int PRIMARY KEY, p int UNIQUE); INSERT INTO t VALUES (9, 1)");
  const PgOutcome outcome = load(staged(WriteMode::upsert), {"id", "p"}, {{"1", "2"}, {"2", "1"}, {"3", "3"}});
  EXPECT_EQ(records(outcome.rejects), "2");
  EXPECT_EQ(query("SELECT id, p FROM t ORDER BY 1"), "1|2\n3|3\n9|1");
}

TEST_F(PgStagedMerge, P13ReplaceOfATableThatOthersReferToThenTheOldRowOfARejectGoesToo) {
  query(
      "CREATE TABLE p (p int PRIMARY KEY); INSERT INTO p VALUES (7); "
      "CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p); CREATE TABLE child (t int REFERENCES t); "
      "INSERT INTO t VALUES (1, 7), (2, 7), (8, 7); INSERT INTO child VALUES (1)");
  const PgOutcome outcome = load(staged(WriteMode::replace), {"id", "p"}, {{"1", "7"}, {"2", "1"}, {"3", "7"}});
  EXPECT_EQ(records(outcome.rejects), "2");
  EXPECT_EQ(ids(), "1 3");
}

}  // namespace
}  // namespace baton

// The COPY writer's modes and refusals (P13).
#include "tests/postgres/table_writer_fixture.h"

#include <fmt/format.h>

namespace baton {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class PgWriter : public PgTableWriterTest {
 protected:
  // The session's role from now on, which may write to t and owns nothing. Roles are of the whole server.
  std::string become_writer_of_t() {
    std::string role = database_.name() + "_writer";
    query(
        fmt::format("CREATE ROLE {0}; GRANT ALL ON t TO {0}; GRANT ALL ON SCHEMA datasync TO {0};"
                    "GRANT TEMPORARY ON DATABASE {1} TO {0}",
                    role, database_.name()));
    EXPECT_TRUE(connection().script("SET ROLE " + role));
    return role;
  }

  static std::vector<std::uint64_t> records(const PgOutcome& outcome) {
    std::vector<std::uint64_t> found;
    for (const Reject& reject : outcome.rejects) found.push_back(reject.record);
    std::sort(found.begin(), found.end());
    return found;
  }
  static PgConnection& connection_of(PgSession& session) { return **session.connection(); }
  std::string stages() {
    return query("SELECT string_agg(relname, ',') FROM pg_class WHERE relname LIKE 'baton_stage%' AND relkind = 'r'");
  }
  template <class T>
  std::string expect_invalid(const Result<T>& result) {
    EXPECT_FALSE(result);
    if (result) return {};
    EXPECT_EQ(result.error().kind, ErrorKind::invalid);
    return result.error().message;
  }
};

TEST_F(PgWriter, RowsThatTheServerRefusesAreRejectsAndTheRestIsKept) {
  query(
      "CREATE TABLE parent (p int PRIMARY KEY); INSERT INTO parent VALUES (1), (2);"
      "CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n < 100), p int REFERENCES parent, s text)");
  PgTestRows rows;
  for (int i = 0; i < 1000; ++i) {
    const int n = i == 10 || i == 500 ? 100 : i % 100;
    const int p = i == 20 || i == 999 ? 3 : 1 + i % 2;
    rows.push_back({fmt::format("{}", i == 30 ? 29 : i), fmt::format("{}", n), fmt::format("{}", p), "x"});
  }
  const PgOutcome outcome = load(spec("t"), {"id", "n", "p", "s"}, rows);
  EXPECT_EQ(outcome.written, 995U);
  EXPECT_EQ(records(outcome), (std::vector<std::uint64_t>{11, 21, 31, 501, 1000}));
  EXPECT_EQ(query("SELECT count(*), sum(id) FROM t"), fmt::format("995|{}", 499500 - 10 - 20 - 30 - 500 - 999));
  for (const Reject& reject : outcome.rejects) {
    EXPECT_EQ(reject.phase, RejectPhase::write);
    EXPECT_THAT(reject.raw, HasSubstr(",x"));
    if (reject.record == 11) {
      EXPECT_EQ(reject.column, "n");
      EXPECT_EQ(reject.value, "100");
      EXPECT_THAT(reject.reason, HasSubstr("check constraint \"t_n_check\""));
    } else if (reject.record == 31) {
      EXPECT_EQ(reject.column, "id");
      EXPECT_THAT(reject.reason, HasSubstr("Key (id)=(29) already exists"));
    } else if (reject.record == 21) {
      EXPECT_EQ(reject.column, "p");
      EXPECT_EQ(reject.value, "3");
      EXPECT_THAT(reject.reason, HasSubstr("is not present in table \"parent\""));
    }
  }
}

TEST_F(PgWriter, RefusedRowsOfAChunkAreFoundInEachOfItsBatches) {
  query(
      "CREATE TABLE parent (p int PRIMARY KEY); INSERT INTO parent VALUES (1);"
      "CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n <> 13), p int REFERENCES parent)");
  const auto to = bound(spec("t"), {"id", "n", "p"});
  begin(*to);
  std::vector<std::unique_ptr<EncodedBatch>> batches;
  std::vector<Reject> rejects;
  constexpr int batch_rows = 100;
  for (int first : {0, 100, 200, 300}) {
    PgTestRows rows;
    for (int i = first; i < first + batch_rows; ++i) {
      const bool odd_one = i == 99 || i == 100 || i == 250 || i == 399;
      rows.push_back({fmt::format("{}", i == 205 ? 5 : i), odd_one ? "13" : "1", i == 310 ? "2" : "1"});
    }
    batches.push_back(to->encode(pg_batch(rows, static_cast<std::uint64_t>(first) + 1), rejects));
    if (first == 100)
      batches.push_back(to->encode(pg_batch({{"x", "1", "1"}}, 1000), rejects));  // nothing is left of it
  }
  EXPECT_THAT(rejects, SizeIs(1));
  const auto tally = in_transaction([&] { return to->write_all(batches); });
  ASSERT_TRUE(tally) << tally.error().message;
  EXPECT_EQ(tally->written, 394U);
  EXPECT_EQ(records({0, tally->rejects}), (std::vector<std::uint64_t>{100, 101, 206, 251, 311, 400}));
  for (const Reject& reject : tally->rejects) {
    const std::string own = reject.record == 206 ? "5,1,1" : fmt::format("{},", reject.record - 1);
    EXPECT_THAT(reject.raw, testing::StartsWith(own));
  }
  EXPECT_EQ(query("SELECT count(*), sum(id) FROM t"), fmt::format("394|{}", 79800 - 99 - 100 - 205 - 250 - 310 - 399));
}

TEST_F(PgWriter, AChunkIsOneCopy) {
  query(
      "CREATE TABLE t (id int); CREATE TABLE copies (n int); CREATE FUNCTION count_copy() RETURNS trigger LANGUAGE "
      "plpgsql AS 'BEGIN INSERT INTO copies VALUES (1); RETURN NULL; END';"
      "CREATE TRIGGER count_copy AFTER INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION count_copy()");
  const auto to = bound(spec("t"), {"id"});
  begin(*to);
  std::vector<std::unique_ptr<EncodedBatch>> batches;
  std::vector<Reject> rejects;
  for (std::uint64_t record : {1U, 3U, 5U}) batches.push_back(to->encode(pg_batch({{"1"}, {"2"}}, record), rejects));
  EXPECT_EQ(in_transaction([&] { return to->write_all(batches); })->written, 6U);
  EXPECT_EQ(query("SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM copies)"), "6|1");
  EXPECT_EQ(in_transaction([&] { return to->write_all({}); })->written, 0U);
}

TEST_F(PgWriter, UpsertOfAChunkKeepsTheLastRecordOfAKeyInAnyOfItsBatches) {
  query("CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n < 100))");
  const auto to = bound(spec("t", WriteMode::upsert, {"id"}), {"id", "n"});
  begin(*to);
  std::vector<std::unique_ptr<EncodedBatch>> batches;
  std::vector<Reject> rejects;
  batches.push_back(to->encode(pg_batch({{"1", "1"}, {"2", "2"}}, 1), rejects));
  batches.push_back(to->encode(pg_batch({{"1", "3"}, {"2", "100"}}, 3), rejects));
  batches.push_back(to->encode(pg_batch({{"1", "5"}, {"3", "3"}}, 5), rejects));
  const auto tally = in_transaction([&] { return to->write_all(batches); });
  ASSERT_TRUE(tally) << tally.error().message;
  EXPECT_EQ(tally->written, 5U);
  EXPECT_EQ(records({0, tally->rejects}), (std::vector<std::uint64_t>{4}));
  EXPECT_EQ(query("SELECT id, n FROM t ORDER BY id"), "1|5\n2|2\n3|3");
}

TEST_F(PgWriter, EveryRowRefusedIsAReject) {
  query(
      "CREATE TABLE t (n int CHECK (n < 0)); CREATE TABLE p (a int PRIMARY KEY); CREATE TABLE c (a int REFERENCES p)");
  const PgTestRows rows(300, {"5"});
  EXPECT_THAT(load(spec("t"), {"n"}, rows).rejects, SizeIs(300));
  const PgOutcome outcome = load(spec("c"), {"a"}, rows);
  EXPECT_EQ(outcome.written, 0U);
  EXPECT_THAT(outcome.rejects, SizeIs(300));
}

TEST_F(PgWriter, NullIsRefusedBeforeItIsSentUnlessATriggerMayGiveAValue) {
  query("CREATE TABLE t (n int NOT NULL, s text)");
  const PgOutcome refused = load(spec("t"), {"n", "s"}, {{"", "a"}, {"1", "b"}});
  ASSERT_THAT(refused.rejects, SizeIs(1));
  EXPECT_EQ(refused.rejects[0].reason, "column n is NOT NULL");
  query(
      "CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.s = ''c'' THEN NEW.n = 7; END IF; "
      "RETURN NEW; END'; CREATE TRIGGER fill BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION fill()");
  const PgOutcome filled = load(spec("t"), {"n", "s"}, {{"", "c"}, {"", "d"}});
  EXPECT_EQ(filled.written, 1U);
  ASSERT_THAT(filled.rejects, SizeIs(1));
  EXPECT_EQ(filled.rejects[0].column, "n");
  EXPECT_EQ(filled.rejects[0].record, 2U);
  EXPECT_EQ(query("SELECT string_agg(n::text, ',' ORDER BY n) FROM t"), "1,7");
}

TEST_F(PgWriter, DeferredConstraintsRefuseTheirRowsBeforeTheCommit) {
  query(
      "CREATE TABLE parent (p int PRIMARY KEY); INSERT INTO parent VALUES (1);"
      "CREATE TABLE t (p int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)");
  const PgOutcome outcome = load(spec("t"), {"p"}, {{"1"}, {"2"}, {"1"}});
  EXPECT_EQ(outcome.written, 2U);
  EXPECT_EQ(records(outcome), (std::vector<std::uint64_t>{2}));
}

TEST_F(PgWriter, DomainChecksAndRaisedErrorsAreRejects) {
  query(
      "CREATE DOMAIN even AS int CHECK (VALUE % 2 = 0); CREATE TABLE t (n even, v varchar(2), d numeric(3,1));"
      "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.n = 8 THEN RAISE ''no eights, line 1''; "
      "END IF; RETURN NEW; END'; CREATE TRIGGER no BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION no()");
  const PgOutcome outcome =
      load(spec("t"), {"n", "v", "d"}, {{"2", "a", "1"}, {"3", "a", "1"}, {"8", "a", "1"}, {"4", "b", "99.96"}});
  EXPECT_EQ(outcome.written, 1U);
  EXPECT_EQ(records(outcome), (std::vector<std::uint64_t>{2, 3, 4}));
  EXPECT_EQ(outcome.rejects[0].column, "n");
  EXPECT_EQ(outcome.rejects[1].reason, "no eights, line 1");
  EXPECT_EQ(outcome.rejects[2].column, "d");
}

TEST_F(PgWriter, TablesWithAnotherTypeAreLoadedAsText) {
  query("CREATE TABLE t (id int, at point, b bytea, a text[], s text, x xml)");
  const PgOutcome outcome = load(spec("t"), {"id", "at", "b", "a", "s", "x"},
                                 {{"1", "(1,2)", "\\x0aff", "{\"a\tb\",c}", "tab\tline\nback\\slash", "<a/>"},
                                  {"2", "nowhere", "\\x", "{}", "", ""},
                                  {"x", "(1,2)", "\\x", "{}", "", ""},
                                  {"4", "", "", PgTestField{FieldKind::json, "[\"q\\\"\", null]"}, "\\N", ""}});
  EXPECT_EQ(outcome.written, 2U);
  EXPECT_EQ(records(outcome), (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(query("SELECT id, at, b, a, s, x FROM t ORDER BY id"),
            "1|(1,2)|\\x0aff|{\"a\tb\",c}|tab\tline\nback\\slash|<a/>\n4|||{\"q\\\"\",NULL}|\\N|");
  const auto plan = plan_pg_table(session_, spec("t"), {});
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->binary);
  EXPECT_EQ(plan->text_reason, "column at is of type point, which has no binary encoder");
}

TEST_F(PgWriter, EmptyTextThatIsNoEmptyFieldOfAFileThenIsNoNull) {
  query("CREATE TABLE t (name text, n int)");
  const PgTestField empty_text(FieldKind::text, "");
  const PgOutcome outcome = load(spec("t"), {"name", "n"}, {{"", ""}, {empty_text, "1"}, {"a", empty_text}});
  ASSERT_EQ(outcome.rejects.size(), 1U);
  EXPECT_EQ(outcome.rejects[0].record, 3U);
  EXPECT_EQ(query("SELECT name, n IS NULL FROM t ORDER BY n NULLS FIRST"), "|t\n|f");
}

TEST_F(PgWriter, UpsertKeepsTheLastRecordOfAKeyAndLeavesOtherColumnsAlone) {
  query("CREATE TABLE t (id int PRIMARY KEY, n int, kept text); INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b')");
  const auto of = spec("t", WriteMode::upsert, {"id"});
  const auto to = bound(of, {"id", "n"});
  begin(*to);
  EXPECT_EQ(write(*to, pg_batch({{"1", "5"}, {"3", "3"}, {"1", "6"}, {"2", "2"}})).written, 4U);
  EXPECT_EQ(write(*to, pg_batch({{"3", "4"}, {"", "1"}}, 5)).written, 1U);
  EXPECT_EQ(query("SELECT id, n, kept FROM t ORDER BY id"), "1|6|a\n2|2|b\n3|4|");
  EXPECT_EQ(to->closing_chunks(), 0);
}

TEST_F(PgWriter, UpsertRewritesNoRowThatIsAsItShouldBe) {
  query("CREATE TABLE t (id int PRIMARY KEY, n numeric, j json); INSERT INTO t VALUES (1, 1.0, '{}'), (2, 1.0, '{}')");
  const std::string before = query("SELECT ctid FROM t WHERE id = 1");
  load(spec("t", WriteMode::upsert, {"id"}), {"id", "n", "j"}, {{"1", "1.0", "{}"}, {"2", "1.00", "{}"}});
  EXPECT_EQ(query("SELECT ctid FROM t WHERE id = 1"), before);
  EXPECT_EQ(query("SELECT n FROM t WHERE id = 2"), "1.00");
}

TEST_F(PgWriter, UpsertWritesValuesThatAreEqualButWrittenDifferently) {
  query(
      "CREATE TABLE t (id int PRIMARY KEY, i interval, j jsonb, f float8, a interval[]); "
      "INSERT INTO t VALUES (1, '1 mon', '1.0', '0', '{1 mon}')");
  load(spec("t", WriteMode::upsert, {"id"}), {"id", "i", "j", "f", "a"}, {{"1", "30 days", "1.00", "-0", "{30 days}"}});
  EXPECT_EQ(query("SELECT i, j, f, a FROM t"), "P30D|1.00|-0|{P30D}");
}

TEST_F(PgWriter, UpsertFindsTheRowsThatAreRefusedWhenTheyAreMerged) {
  query("CREATE TABLE t (id int PRIMARY KEY, code text UNIQUE); INSERT INTO t VALUES (1, 'a')");
  const PgOutcome outcome =
      load(spec("t", WriteMode::upsert, {"id"}), {"id", "code"}, {{"2", "b"}, {"3", "a"}, {"4", "d"}, {"5", "d"}});
  EXPECT_EQ(outcome.written, 2U);
  EXPECT_EQ(records(outcome), (std::vector<std::uint64_t>{2, 4}));
  EXPECT_THAT(outcome.rejects[0].reason, HasSubstr("Key (code)=(a) already exists"));
  EXPECT_EQ(query("SELECT string_agg(code, ',' ORDER BY id) FROM t"), "a,b,d");
}

TEST_F(PgWriter, SeveralWritersOfAnUpsertStageAndMergeInTheOrderOfTheInput) {
  query("CREATE TABLE t (id int PRIMARY KEY, n int)");
  auto of = spec("t", WriteMode::upsert, {"id"});
  of.writers = 2;
  const auto first = bound(of, {"id", "n"});
  PgSession other_session(database_.settings(), "datasync");
  const auto second = make_pg_table_writer(other_session, of, "job/step");
  ok(second->bind({"id", "n"}));
  begin(*first);
  ok(second->resume(1));
  write(*first, pg_batch({{"1", "30"}}, 3));
  write(*first, pg_batch({{"1", "10"}, {"2", "20"}}, 1));
  EXPECT_EQ(query("SELECT count(*) FROM t"), "0");
  EXPECT_EQ(first->closing_chunks(), 1);
  close(*first);
  EXPECT_EQ(query("SELECT id, n FROM t ORDER BY id"), "1|30\n2|20");
  EXPECT_EQ(stages(), "");
}

TEST_F(PgWriter, ReplaceKeepsWhatBelongsToTheTable) {
  const std::string role = database_.name() + "_reader";  // roles are of the whole server
  query(
      "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY, code text PRIMARY KEY, n int DEFAULT 9, twice int "
      "GENERATED "
      "ALWAYS AS (n * 2) STORED); INSERT INTO t (code, n) VALUES ('old', 1), ('a', 2);"
      "CREATE INDEX t_n ON t (n); CREATE VIEW v AS SELECT code FROM t; COMMENT ON TABLE t IS 'mine';"
      "CREATE POLICY p ON t USING (true);" +
      fmt::format("CREATE ROLE {0}; GRANT SELECT ON t TO {0}", role));
  const std::string oid = query("SELECT 't'::regclass::oid");
  const std::string rights = query("SELECT relacl FROM pg_class WHERE oid = 't'::regclass");
  const auto to = bound(spec("t", WriteMode::replace), {"code", "n"});
  begin(*to);
  EXPECT_EQ(write(*to, pg_batch({{"a", "5"}, {"b", "6"}, {"a", "7"}})).written, 2U);
  EXPECT_EQ(query("SELECT count(*) FROM v"), "2");
  EXPECT_THAT(stages(), HasSubstr("baton_stage_0f1e2d3c_1_"));
  close(*to);
  EXPECT_EQ(query("SELECT id, code, n, twice FROM t ORDER BY code"), "3|a|5|10\n4|b|6|12");
  EXPECT_EQ(query("SELECT count(*) FROM v"), "2");
  EXPECT_EQ(query("SELECT 't'::regclass::oid"), oid);
  EXPECT_EQ(query("SELECT relacl FROM pg_class WHERE oid = 't'::regclass"), rights);
  EXPECT_EQ(query("SELECT obj_description('t'::regclass), count(*) FROM pg_indexes WHERE tablename = 't'"), "mine|2");
  EXPECT_EQ(stages(), "");
  query(fmt::format("DROP OWNED BY {0}; DROP ROLE {0}", role));
}

TEST_F(PgWriter, ReplaceOfATableThatOthersReferToKeepsTheirRows) {
  query(
      "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1), (2, 2);"
      "CREATE TABLE child (t int REFERENCES t ON DELETE CASCADE); INSERT INTO child VALUES (1), (2)");
  load(spec("t", WriteMode::replace), {"id", "n"}, {{"1", "5"}, {"3", "3"}});
  EXPECT_EQ(query("SELECT id, n FROM t ORDER BY id"), "1|5\n3|3");
  EXPECT_EQ(query("SELECT t FROM child"), "1");
}

TEST_F(PgWriter, ReplaceThatBreaksAReferenceFailsAndLeavesTheTableAlone) {
  query(
      "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2);"
      "CREATE TABLE child (t int REFERENCES t); INSERT INTO child VALUES (2)");
  const auto to = bound(spec("t", WriteMode::replace), {"id"});
  begin(*to);
  write(*to, pg_batch({{"1"}}));
  EXPECT_THAT(expect_invalid(in_transaction([&] { return to->close(0, true, 0); })), HasSubstr("child"));
  EXPECT_EQ(query("SELECT count(*) FROM t"), "2");
  EXPECT_THAT(stages(), HasSubstr("baton_stage"));
}

TEST_F(PgWriter, MirrorDeletesWhatIsNotStagedUnlessARecordWasRejected) {
  query("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1), (2, 2)");
  load(spec("t", WriteMode::mirror, {"id"}), {"id", "n"}, {{"2", "9"}, {"3", "3"}, {"2", "5"}});
  EXPECT_EQ(query("SELECT id, n FROM t ORDER BY id"), "2|5\n3|3");
  EXPECT_EQ(stages(), "");
  load(spec("t", WriteMode::mirror, {"id"}), {"id", "n"}, {{"4", "4"}, {"5", "x"}});
  EXPECT_EQ(query("SELECT string_agg(id::text, ',' ORDER BY id) FROM t"), "2,3,4");
}

TEST_F(PgWriter, StagingIsWholeWhileItHoldsAllRowsAndIsLogged) {
  query("CREATE TABLE t (id int PRIMARY KEY)");
  const auto to = bound(spec("t", WriteMode::replace), {"id"});
  begin(*to, 7);
  write(*to, pg_batch({{"1"}, {"2"}}));
  EXPECT_TRUE(to->staging_is_whole(2).value());
  EXPECT_FALSE(to->staging_is_whole(3).value());
  query("ALTER TABLE " + stages() + " SET UNLOGGED");
  EXPECT_FALSE(to->staging_is_whole(2).value()) << "a crash would empty it";
  query("DROP TABLE " + stages());
  EXPECT_FALSE(to->staging_is_whole(0).value());
  EXPECT_TRUE(bound(spec("t", WriteMode::append), {"id"})->staging_is_whole(2).value()) << "it has none";
}

TEST_F(PgWriter, ARestartGoesOnWithTheStaging) {
  query("CREATE TABLE t (id int PRIMARY KEY)");
  const auto of = spec("t", WriteMode::replace);
  {
    const auto to = bound(of, {"id"});
    begin(*to, 7);
    write(*to, pg_batch({{"1"}}));
  }
  session_.drop();
  const auto to = bound(of, {"id"});
  ok(in_transaction([&] { return to->resume(7); }));
  write(*to, pg_batch({{"2"}}, 2));
  close(*to);
  EXPECT_EQ(query("SELECT count(*) FROM t"), "2");
  begin(*to, 8);
  ok(in_transaction([&] { return writer(of)->discard(8); }));
  EXPECT_EQ(stages(), "");
}

TEST_F(PgWriter, CreateMakesTheTableWithItsTypesAndKey) {
  auto of = spec("datasync.made", WriteMode::upsert, {"id"});
  of.create = true;
  of.columns = {{"id", "bigint"}, {"price", "numeric(8,2)"}, {"later", "date"}};
  const auto to = bound(of, {"id", "price", "note"});
  const auto plan = plan_pg_table(session_, of, {"id", "price", "note"});
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->will_create);
  begin(*to);
  EXPECT_EQ(write(*to, pg_batch({{"1", "1.005", ""}, {"2", "x", "b"}})).written, 1U);
  EXPECT_EQ(query("SELECT id, price, note, later IS NULL FROM datasync.made"), "1|1.01||t");
  EXPECT_EQ(query("SELECT string_agg(format_type(atttypid, atttypmod), ',' ORDER BY attnum) FROM pg_attribute WHERE "
                  "attrelid = 'datasync.made'::regclass AND attnum > 0"),
            "bigint,numeric(8,2),text,date");
}

TEST_F(PgWriter, RowSecurityIsHonouredByInsert) {
  query(
      "CREATE TABLE t (n int); ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY;"
      "CREATE POLICY p ON t USING (true) WITH CHECK (n > 0);");
  const std::string role = become_writer_of_t();
  EXPECT_EQ(load(spec("t"), {"n"}, {{"1"}, {"2"}}).written, 2U);
  EXPECT_EQ(query("SELECT count(*) FROM t"), "2");
  session_.drop();
  query(fmt::format("DROP OWNED BY {0}; DROP ROLE {0}", role));
}

TEST_F(PgWriter, PartitionedTablesTakeRowsAndRefuseWhatHasNoPartition) {
  query(
      "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) "
      "TO "
      "(10)");
  EXPECT_EQ(records(load(spec("t"), {"id"}, {{"1"}, {"11"}})), (std::vector<std::uint64_t>{2}));
  load(spec("t", WriteMode::upsert, {"id"}), {"id"}, {{"1"}, {"2"}});
  load(spec("t", WriteMode::replace), {"id"}, {{"3"}});
  EXPECT_EQ(query("SELECT id FROM t"), "3");
}

TEST_F(PgWriter, AnAlteredTableIsNotGivenBytesOfAnotherType) {
  query("CREATE TABLE t (n bigint)");
  const auto to = bound(spec("t"), {"n"});
  begin(*to);
  query("ALTER TABLE t ALTER n TYPE timestamptz USING now()");
  EXPECT_THAT(expect_invalid(in_transaction([&] { return to->resume(1); })), HasSubstr("altered"));
}

TEST_F(PgWriter, NothingIsWrittenOnAConnectionThatWasMadeAnew) {
  query("CREATE TABLE t (n int)");
  const auto to = bound(spec("t"), {"n"});
  std::vector<Reject> rejects;
  const auto encoded = to->encode(pg_batch({{"1"}}), rejects);
  const auto tally = to->write(*encoded);
  ASSERT_FALSE(tally);
  EXPECT_EQ(tally.error().kind, ErrorKind::retry);
  EXPECT_EQ(query("SELECT count(*) FROM t"), "0");
}

TEST_F(PgWriter, BindSaysWhatDoesNotFit) {
  query(
      "CREATE TABLE t (id int, n int NOT NULL, g int GENERATED ALWAYS AS (n + 1) STORED); CREATE VIEW v AS SELECT 1;"
      "CREATE UNIQUE INDEX t_late ON t (id) WHERE id > 0");
  const auto refused = [&](const TableSpec& of, const std::vector<std::string>& inputs) {
    return expect_invalid(writer(of)->bind(inputs));
  };
  EXPECT_THAT(refused(spec("nowhere"), {"id"}), HasSubstr("connection target, table nowhere: there is no such table"));
  EXPECT_THAT(refused(spec("v"), {"id"}), HasSubstr("a view"));
  EXPECT_THAT(refused(spec("t"), {"id", "n", "x"}), HasSubstr("no column x to write to; the table has id, n."));
  EXPECT_THAT(refused(spec("t"), {"id"}), HasSubstr("column n is NOT NULL without a default"));
  EXPECT_THAT(refused(spec("t"), {"n", "g"}), HasSubstr("generated"));
  EXPECT_THAT(refused(spec("t"), {"n", "N"}), HasSubstr("columns n and N arrive for one column"));
  EXPECT_THAT(refused(spec("t", WriteMode::upsert, {"id"}), {"id", "n"}), HasSubstr("no unique key over (id)"));
  EXPECT_THAT(refused(spec("t", WriteMode::upsert), {"id", "n"}), HasSubstr("needs a key"));
  EXPECT_THAT(refused(spec("t", WriteMode::upsert, {"k"}), {"id", "n"}), HasSubstr("key column k does not arrive"));
  auto declared = spec("t");
  declared.columns = {{"id", "date"}};
  EXPECT_THAT(refused(declared, {"id", "n"}), HasSubstr("declares id as date, but the table's column is integer"));
  EXPECT_EQ(*writer(spec("t"))->columns(), (std::vector<std::string>{"id", "n"}));
}

TEST_F(PgWriter, DeclaredTypesNarrowWhatATableTakes) {
  query("CREATE TABLE t (n bigint)");
  auto of = spec("t");
  of.columns = {{"n", "smallint"}};
  EXPECT_EQ(records(load(of, {"n"}, {{"1"}, {"40000"}})), (std::vector<std::uint64_t>{2}));
}

TEST_F(PgWriter, SchemaWithADotInItsNameThenItsTablesAreWrittenInEachMode) {
  PgSettings settings = database_.settings();
  settings.schema = "do.t";
  PgSession dotted(settings, "do.t");
  query(
      "CREATE SCHEMA \"do.t\"; CREATE TABLE \"do.t\".t (id int PRIMARY KEY); CREATE TABLE \"do.t\".\"T.x\" (id int "
      "PRIMARY KEY)");
  for (const WriteMode mode : {WriteMode::append, WriteMode::upsert, WriteMode::replace, WriteMode::mirror}) {
    for (const std::string name : {"t", "\"T.x\"", "\"do.t\".t", "\"do.t\".\"T.x\"", "\"do.t\".\"t\""}) {
      const auto to = make_pg_table_writer(dotted, spec(name, mode, {"id"}), "job/step");
      const Status bound = to->bind({"id"});
      ASSERT_TRUE(bound) << bound.error().message;
      EXPECT_TRUE(connection_of(dotted).script("BEGIN; TRUNCATE \"do.t\".t, \"do.t\".\"T.x\""));
      const Status begun = to->begin(1);
      ASSERT_TRUE(begun) << begun.error().message;
      std::vector<Reject> rejects;
      EXPECT_TRUE(to->write(*to->encode(pg_batch({{"1"}}), rejects)));
      if (to->closing_chunks() > 0) {
        EXPECT_TRUE(to->close(0, true, 0));
      }
      EXPECT_TRUE(connection_of(dotted).script("COMMIT"));
      const std::string table = name.find("T.x") == name.npos ? "t" : "\"T.x\"";
      EXPECT_EQ(query("SELECT count(*) FROM \"do.t\"." + table), "1") << name;
    }
  }
  const auto plan = plan_pg_table(dotted, spec("\"T.x\""), {"id"});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->table, "\"do.t\".\"T.x\"");
  auto made = spec("\"do.t\".\"new.one\"");
  made.create = true;
  const auto to = make_pg_table_writer(dotted, made, "job/step");
  ASSERT_TRUE(to->bind({"id"}));
  EXPECT_TRUE(connection_of(dotted).script("BEGIN"));
  ASSERT_TRUE(to->begin(1));
  EXPECT_TRUE(connection_of(dotted).script("COMMIT"));
  EXPECT_EQ(query("SELECT count(*) FROM \"do.t\".\"new.one\""), "0");
}

TEST_F(PgWriter, NameThatCanBeReadInTwoWaysThenItIsRefusedWithTheWayToWriteIt) {
  query("CREATE TABLE \"a.b.c\" (id int)");
  EXPECT_THAT(expect_invalid(writer(spec("a.b.c"))->bind({"id"})), HasSubstr("in double quotes: \"a.b\".c"));
  EXPECT_THAT(expect_invalid(writer(spec("\"a.b"))->bind({"id"})), HasSubstr("in double quotes"));
  ok(writer(spec("\"a.b.c\""))->bind({"id"}));
}

// A trigger that leaves rows out whose n is negative.
class PgFilter : public PgWriter, public testing::WithParamInterface<std::pair<WriteMode, int>> {
 protected:
  void filter(const std::string& table) {
    query(
        "CREATE OR REPLACE FUNCTION filter() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.n < 0 THEN RETURN NULL; "
        "END IF; NEW.n = NEW.n * 1; RETURN NEW; END'; CREATE TRIGGER filter BEFORE INSERT ON " +
        table + " FOR EACH ROW EXECUTE FUNCTION filter()");
  }
};

INSTANTIATE_TEST_SUITE_P(Modes, PgFilter,
                         testing::Values(std::pair{WriteMode::append, 1}, std::pair{WriteMode::upsert, 1},
                                         std::pair{WriteMode::upsert, 2}, std::pair{WriteMode::replace, 1},
                                         std::pair{WriteMode::mirror, 1}));

TEST_P(PgFilter, TriggerLeavesRowsOutThenTheyAreFilteredAndNotWritten) {
  query(
      "CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n < 100), p int); CREATE TABLE u (LIKE t INCLUDING ALL) "
      "PARTITION BY RANGE (id); "
      "CREATE TABLE u1 PARTITION OF u FOR VALUES FROM (0) TO (100)");
  filter("t");
  filter("u1");
  for (const std::string table : {"t", "u"}) {
    SCOPED_TRACE(table);
    const bool appends = GetParam().first == WriteMode::append;
    if (!appends) query("INSERT INTO " + table + " VALUES (1, 1), (2, 2)");
    auto of = spec(table, GetParam().first, {"id"});
    of.writers = GetParam().second;
    // One that is there as it is, one that the filter keeps from being changed, one that is refused.
    const PgOutcome outcome = load(of, {"id", "n", "p"},
                                   {{"1", "1", ""},
                                    {"2", "-5", ""},
                                    {"3", "-5", ""},
                                    {"4", "4", ""},
                                    {"5", "100", ""},
                                    {"6", "-1", ""},
                                    {"7", "7", ""}});
    EXPECT_EQ(outcome.written, 3U);
    EXPECT_EQ(outcome.filtered, 3U);
    EXPECT_EQ(records(outcome), (std::vector<std::uint64_t>{5}));
    const bool keeps = GetParam().first == WriteMode::upsert || GetParam().first == WriteMode::mirror;
    EXPECT_EQ(query("SELECT string_agg(id::text, ',' ORDER BY id) FROM " + table), keeps ? "1,2,4,7" : "1,4,7");
  }
}

TEST_F(PgWriter, TriggerLeavesRowsOutUnderRowSecurityThenTheyAreFiltered) {
  query(
      "CREATE TABLE t (n int); ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (true);"
      "CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN CASE WHEN NEW.n % 2 = 1 THEN NEW ELSE "
      "NULL END; END';"
      "CREATE TRIGGER odd BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION odd();");
  const std::string role = become_writer_of_t();
  const PgOutcome outcome = load(spec("t"), {"n"}, {{"1"}, {"2"}, {"3"}});
  EXPECT_EQ(outcome.written, 2U);
  EXPECT_EQ(outcome.filtered, 1U);
  session_.drop();
  query(fmt::format("DROP OWNED BY {0}; DROP ROLE {0}", role));
}

TEST_F(PgWriter, PlanNamesEncodersAndWhatSlowsALoadDown) {
  query(
      "CREATE TABLE p (p int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, price numeric(12,2), p int REFERENCES "
      "p);"
      "CREATE INDEX t_price ON t (price)");
  const auto plan = plan_pg_table(session_, spec("t"), {"id", "price"});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->table, "datasync.t");
  EXPECT_THAT(plan->encoders,
              testing::ElementsAre(testing::Pair("id", "integer"), testing::Pair("price", "numeric(12,2)")));
  EXPECT_THAT(plan->indexes, testing::ElementsAre(HasSubstr("t_pkey (the primary key"), HasSubstr("t_price (kept up")));
  EXPECT_THAT(plan->triggers, testing::ElementsAre(HasSubstr("foreign key")));
  EXPECT_TRUE(plan->binary);
}

}  // namespace
}  // namespace baton

// What `baton doctor` and `baton plan` find out about a server, its schemas and the privileges of a role.
#include "postgres/retention.h"
#include "postgres/schema_facts.h"
#include "postgres/server_facts.h"
#include "postgres/table_writer.h"
#include "tests/doubles/manual_clock.h"
#include "tests/doubles/postgres_server.h"
#include "tests/doubles/seeded_random.h"
#include "tests/postgres/spring_batch_script.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>

namespace baton {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class PgFacts : public testing::Test {
 protected:
  // A role of this test's own, with what is granted to it here.
  std::unique_ptr<PgSession> session_of_role(const std::string& grants, const std::string& schema = "datasync") {
    role_ = "r_" + database_.name();
    database_.query(fmt::format("CREATE ROLE {0} LOGIN PASSWORD 'p';", role_));
    if (!grants.empty()) database_.query(fmt::format(fmt::runtime(grants), role_));
    PgAddress address = database_.address(schema);
    address.username = role_;
    address.password = Redacted<std::string>("p");
    return std::make_unique<PgSession>(pg_settings(address, "baton-test").value(), schema);
  }
  std::unique_ptr<PgSession> session(const std::string& schema = "datasync") const {
    return std::make_unique<PgSession>(database_.settings(schema), schema);
  }
  void migrate() const {
    SeededRandom random(3);
    const auto own = session();
    const auto made = migrate_pg_repository(*own, PgMigrate::automatic, random, std::nullopt);
    ASSERT_TRUE(made) << made.error().message;
  }
  static TableSpec spec(const std::string& name, WriteMode mode, int writers = 1) {
    TableSpec spec;
    spec.connection = "warehouse";
    spec.name = name;
    spec.mode = mode;
    spec.key = {"id"};
    spec.writers = writers;
    return spec;
  }
  static std::vector<std::string> grants_of(PgSession& session, const TableSpec& spec) {
    const auto plan = plan_pg_table(session, spec, {});
    EXPECT_TRUE(plan) << plan.error().message;
    return plan ? plan->missing_grants : std::vector<std::string>();
  }
  // Of one row of ones; what went wrong.
  static std::string load(PgSession& session, const TableSpec& spec, const std::vector<std::string>& columns) {
    const auto writer = make_pg_table_writer(session, spec, "job/step");
    RowBatch batch;
    batch.columns = columns.size();
    batch.text.push_back('1');
    batch.rows.push_back({.record = 1});
    for (std::size_t i = 0; i < columns.size(); ++i) batch.fields.push_back({0, 1, FieldKind::text});
    std::vector<Reject> rejects;
    const auto loaded = [&]() -> Status {
      BATON_CHECK(writer->bind(columns));
      BATON_TRY(PgConnection* const connection, session.connection());
      BATON_TRY(const auto begun, connection->script("BEGIN"));
      BATON_CHECK(writer->begin(1));
      BATON_TRY(const WriteTally tally, writer->write(*writer->encode(batch, rejects)));
      for (int chunk = 0; chunk < writer->closing_chunks(); ++chunk) {
        BATON_TRY(const auto refused, writer->close(chunk, true, 10));
      }
      BATON_TRY(const auto ended, connection->script("COMMIT"));
      return {};
    };
    const Status done = loaded();
    if (!done) static_cast<void>((*session.connection())->script("ROLLBACK"));
    return done ? "" : done.error().message;
  }
  static bool forget_all(PgSession& session) {
    PgRetention retention(session);
    return retention.prune_executions({1}, 10) && retention.prune_alerts(WallTime(), 10) &&
           retention.traces().prune_rejects("r", {1}, 10) && retention.traces().prune_progress("r", {1});
  }
  std::string granted(const std::string& statement) const { return fmt::format(fmt::runtime(statement), role_); }

  void TearDown() override {
    if (!role_.empty()) database_.query(fmt::format("DROP OWNED BY {0}; DROP ROLE {0}", role_));
  }

  TemporaryDatabase database_;
  std::string role_;
};

TEST_F(PgFacts, TheServerThenWhatItIsLike) {
  const auto connection = database_.connect();
  ManualClock clock;  // years behind
  const auto facts = read_pg_server(*connection, clock);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_THAT(facts->address, HasSubstr("127.0.0.1:"));
  EXPECT_TRUE(facts->local);
  EXPECT_EQ(facts->database, database_.name());
  EXPECT_EQ(facts->role, "postgres");
  EXPECT_THAT(facts->identity, HasSubstr("/" + database_.name()));
  EXPECT_EQ(facts->encoding, "UTF8");
  EXPECT_FALSE(facts->standby);
  EXPECT_GE(facts->version, 150'000);
  EXPECT_EQ(std::to_string(facts->max_wal_bytes),
            database_.query("SELECT pg_size_bytes(current_setting('max_wal_size'))"));
  EXPECT_GT(facts->database_bytes, 1'000'000);
  EXPECT_GT(facts->connections, 0);
  EXPECT_GT(facts->max_connections, facts->connections);
  EXPECT_EQ(facts->data_directory, database_.query("SHOW data_directory"));
  EXPECT_GT(facts->clock_ahead, std::chrono::hours(24 * 365));
}

TEST_F(PgFacts, ARoleThatSeesLessThenTheRestAllTheSame) {
  const auto own = session_of_role("");
  const auto facts = read_pg_server(**own->connection(), ManualClock());
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->role, role_);
  EXPECT_EQ(facts->data_directory, "");
  EXPECT_FALSE(facts->free_bytes);
}

TEST_F(PgFacts, AnEmptySchemaThenEverythingIsMissingAndNothingIsMade) {
  const auto own = session();
  const auto facts = read_pg_schema(*own, PgTablesOf::repository, std::nullopt);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_TRUE(facts->exists);
  EXPECT_THAT(facts->missing_grants, IsEmpty());
  EXPECT_THAT(facts->missing, Contains(Field(&PgMissing::what, "created baton_fence")));
  EXPECT_THAT(facts->missing, Contains(Field(&PgMissing::what, "created BATCH_JOB_INSTANCE")));
  const auto leases = read_pg_schema(*own, PgTablesOf::leases, std::nullopt);
  ASSERT_TRUE(leases);
  EXPECT_THAT(leases->missing, ElementsAre(Field(&PgMissing::what, "created the tables of leases")));
  EXPECT_EQ(database_.query("SELECT count(*) FROM pg_class WHERE relnamespace = 'datasync'::regnamespace"), "0");
}

TEST_F(PgFacts, AfterTheMigrationNothingIsMissing) {
  migrate();
  const auto facts = read_pg_schema(*session(), PgTablesOf::repository, std::nullopt);
  ASSERT_TRUE(facts);
  EXPECT_THAT(facts->missing, IsEmpty());
  EXPECT_THAT(facts->missing_grants, IsEmpty());
  const auto spring = read_pg_spring(*session());
  ASSERT_TRUE(spring);
  EXPECT_EQ(spring->tables, 6);
  EXPECT_FALSE(spring->adopted);
  EXPECT_THAT(spring->recommended, IsEmpty());
}

TEST_F(PgFacts, AMissingSchemaThenTheRightToMakeItIsAskedFor) {
  const auto own = session_of_role("", "elsewhere");
  const auto facts = read_pg_schema(*own, PgTablesOf::target, std::nullopt);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_FALSE(facts->exists);
  EXPECT_THAT(facts->missing.front().what, "created schema elsewhere");
  EXPECT_THAT(facts->missing_grants,
              ElementsAre(fmt::format("GRANT CREATE ON DATABASE {} TO {}", database_.name(), role_)));
}

TEST_F(PgFacts, ARoleWithoutPrivilegesOnTheRepositoryThenEachGrantThatItLacks) {
  migrate();
  const auto own = session_of_role(
      "GRANT USAGE ON SCHEMA datasync TO {0}; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA datasync TO {0}");
  const auto facts = read_pg_schema(*own, PgTablesOf::repository, std::nullopt);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_THAT(facts->missing_grants, Contains(granted("GRANT DELETE ON \"datasync\".\"baton_replica\" TO {}")));
  EXPECT_THAT(facts->missing_grants, Contains(granted("GRANT USAGE ON SEQUENCE \"datasync\".\"batch_job_seq\" TO {}")));
  for (const std::string& grant : facts->missing_grants) database_.query(grant);
  const auto after = read_pg_schema(*own, PgTablesOf::repository, std::nullopt);
  ASSERT_TRUE(after);
  EXPECT_THAT(after->missing_grants, IsEmpty());
}

// And what is asked for is enough.
TEST_F(PgFacts, ARoleThatMayNotForgetWhatRetentionForgetsThenTheGrantsOfRetentionAlone) {
  migrate();
  const auto own = session_of_role(
      "GRANT USAGE ON SCHEMA datasync TO {0}; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA datasync TO {0}; "
      "GRANT USAGE ON ALL SEQUENCES IN SCHEMA datasync TO {0}; GRANT DELETE ON datasync.baton_replica, "
      "datasync.baton_progress, datasync.baton_reject TO {0}; REVOKE UPDATE ON datasync.baton_reject FROM {0}");
  const auto grants = [&](PgTablesOf of, const RetentionAges& kept) {
    const auto facts = read_pg_schema(*own, of, std::nullopt, kept);
    EXPECT_TRUE(facts) << facts.error().message;
    return facts->missing_grants;
  };
  const std::chrono::hours age(24);
  const std::string of_rejects = granted("GRANT UPDATE ON \"datasync\".\"baton_reject\" TO {}");
  EXPECT_THAT(grants(PgTablesOf::repository, {}), IsEmpty());
  EXPECT_THAT(grants(PgTablesOf::repository, {std::nullopt, age}), ElementsAre(of_rejects));
  EXPECT_THAT(grants(PgTablesOf::target, {age, std::nullopt}), ElementsAre(of_rejects));
  const std::vector<std::string> all = grants(PgTablesOf::repository, {age, std::nullopt});
  EXPECT_THAT(all, AllOf(SizeIs(9), Contains(of_rejects),
                         Contains(granted("GRANT DELETE ON \"datasync\".\"batch_step_execution_context\" TO {}")),
                         Contains(granted("GRANT DELETE ON \"datasync\".\"baton_alert\" TO {}"))));
  EXPECT_FALSE(forget_all(*own));
  for (const std::string& grant : all) database_.query(grant);
  EXPECT_THAT(grants(PgTablesOf::repository, {age, age}), IsEmpty());
  EXPECT_TRUE(forget_all(*own));
}

TEST_F(PgFacts, AdoptedTablesThenTheIndexesThatTheyLackUntilTheyAreThere) {
  const auto own = session();
  ASSERT_TRUE((*own->connection())->script(spring_batch_5_script));
  auto spring = read_pg_spring(*own);
  ASSERT_TRUE(spring) << spring.error().message;
  EXPECT_TRUE(spring->adopted);
  EXPECT_EQ(spring->generation, JobKeyFormat::spring_batch_5);
  EXPECT_THAT(spring->recommended,
              AllOf(SizeIs(3), Contains("CREATE INDEX ON \"datasync\".batch_job_execution (job_instance_id)")));
  for (const std::string& index : spring->recommended) database_.query(index);
  spring = read_pg_spring(*own);
  ASSERT_TRUE(spring);
  EXPECT_TRUE(spring->adopted);
  EXPECT_THAT(spring->recommended, IsEmpty());
}

TEST_F(PgFacts, PrivilegesOfAWriteThenThoseThatItsModeNeeds) {
  database_.query("CREATE TABLE datasync.t (id int PRIMARY KEY, n int)");
  const auto own = session_of_role("GRANT USAGE ON SCHEMA datasync TO {0}");
  const std::string database = database_.name();
  database_.query(fmt::format("REVOKE TEMPORARY ON DATABASE {} FROM public", database));
  EXPECT_THAT(grants_of(*own, spec("t", WriteMode::append)),
              ElementsAre(granted("GRANT INSERT ON \"datasync\".\"t\" TO {}")));
  EXPECT_THAT(grants_of(*own, spec("t", WriteMode::upsert)),
              ElementsAre(granted("GRANT SELECT, INSERT, UPDATE ON \"datasync\".\"t\" TO {}"),
                          granted("GRANT TEMPORARY ON DATABASE " + database + " TO {}")));
  EXPECT_THAT(grants_of(*own, spec("t", WriteMode::upsert, 2)),
              ElementsAre(granted("GRANT SELECT, INSERT, UPDATE ON \"datasync\".\"t\" TO {}"),
                          granted("GRANT CREATE ON SCHEMA \"datasync\" TO {}")));
  EXPECT_THAT(grants_of(*own, spec("t", WriteMode::replace)),
              ElementsAre(granted("GRANT INSERT, DELETE ON \"datasync\".\"t\" TO {}"),
                          granted("GRANT CREATE ON SCHEMA \"datasync\" TO {}")));
  EXPECT_THAT(grants_of(*own, spec("t", WriteMode::mirror)),
              ElementsAre(granted("GRANT SELECT, INSERT, UPDATE, DELETE ON \"datasync\".\"t\" TO {}"),
                          granted("GRANT CREATE ON SCHEMA \"datasync\" TO {}")));
}

TEST_F(PgFacts, PrivilegesThatAreThereThenNoneIsAskedFor) {
  database_.query("CREATE TABLE datasync.t (id int PRIMARY KEY, n int)");
  const auto own =
      session_of_role("GRANT USAGE, CREATE ON SCHEMA datasync TO {0}; GRANT TRUNCATE, INSERT ON datasync.t TO {0}");
  EXPECT_THAT(grants_of(*own, spec("t", WriteMode::append)), IsEmpty());
  EXPECT_THAT(grants_of(*own, spec("t", WriteMode::replace)), IsEmpty());
}

TEST_F(PgFacts, APrivilegeOnAColumnThenTheOtherColumnsThatArriveLackIt) {
  database_.query("CREATE TABLE datasync.t (id int PRIMARY KEY, n int, other int)");
  const auto own = session_of_role(
      "GRANT USAGE ON SCHEMA datasync TO {0}; GRANT SELECT (other), INSERT (id), UPDATE (id) ON datasync.t TO {0}");
  const auto plan = plan_pg_table(*own, spec("t", WriteMode::upsert), {"id", "n"});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_THAT(plan->missing_grants,
              ElementsAre(granted("GRANT SELECT, INSERT (\"n\"), UPDATE ON \"datasync\".\"t\" TO {}")));
}

// And what is asked for is enough.
TEST_F(PgFacts, PrivilegesOnTheColumnsOfAWriteThenTheyAreEnoughForIt) {
  database_.query(
      "CREATE TABLE datasync.t (id int PRIMARY KEY, n int, other int); CREATE TABLE datasync.child (id int REFERENCES "
      "datasync.t); CREATE TABLE datasync.keys (id int PRIMARY KEY, other int)");
  const auto own = session_of_role("GRANT USAGE, CREATE ON SCHEMA datasync TO {0}");
  struct Case {
    std::string table;
    WriteMode mode;
    std::vector<std::string> columns;
    std::string grants;
  };
  const std::string merge = "SELECT (id, n), INSERT (id, n), UPDATE (n)";
  for (const Case& one :
       {Case{"t", WriteMode::append, {"id", "n"}, "INSERT (id, n)"}, Case{"t", WriteMode::upsert, {"id", "n"}, merge},
        Case{"keys", WriteMode::upsert, {"id"}, "SELECT (id), INSERT (id)"},
        Case{"t", WriteMode::mirror, {"id", "n"}, merge + ", DELETE"},
        Case{"t", WriteMode::replace, {"id", "n"}, merge + ", DELETE"},
        Case{"keys", WriteMode::replace, {"id"}, "INSERT (id), DELETE"},
        Case{"keys", WriteMode::replace, {"id"}, "INSERT (id), TRUNCATE"}}) {
    SCOPED_TRACE(one.table + ": " + one.grants);
    database_.query(
        "TRUNCATE datasync.t, datasync.child, datasync.keys; REVOKE ALL ON datasync.t, datasync.keys FROM " + role_);
    database_.query(fmt::format("GRANT {} ON datasync.{} TO {}", one.grants, one.table, role_));
    const auto plan = plan_pg_table(*own, spec(one.table, one.mode), one.columns);
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_THAT(plan->missing_grants, IsEmpty());
    EXPECT_EQ(load(*own, spec(one.table, one.mode), one.columns), "");
  }
}

TEST_F(PgFacts, AReplaceOfATableThatForeignKeysLeadToThenItNeedsAKeyThatArrives) {
  database_.query(
      "CREATE TABLE datasync.t (id int PRIMARY KEY, n int); CREATE TABLE datasync.child (id int REFERENCES "
      "datasync.t)");
  const auto own = session();
  auto plan = plan_pg_table(*own, spec("t", WriteMode::replace), {"id", "n"});
  EXPECT_TRUE(plan) << plan.error().message;
  database_.query("ALTER TABLE datasync.t ALTER id SET DEFAULT 1");
  TableSpec keyless = spec("t", WriteMode::replace);
  keyless.key.clear();
  plan = plan_pg_table(*own, keyless, {"n"});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().kind, ErrorKind::invalid);
  EXPECT_THAT(plan.error().message,
              AllOf(HasSubstr("connection warehouse, table t: foreign keys"), HasSubstr("primary key")));
}

TEST_F(PgFacts, RowSecurityThatAppliesToTheRoleThenItIsSaidAndWithoutAPolicyNothingCanBeInserted) {
  database_.query(
      "CREATE TABLE datasync.t (id int PRIMARY KEY, n int); ALTER TABLE datasync.t ENABLE ROW LEVEL SECURITY");
  const auto own = session_of_role("GRANT USAGE, CREATE ON SCHEMA datasync TO {0}; GRANT ALL ON datasync.t TO {0}");
  const auto planned = [&] { return plan_pg_table(*own, spec("t", WriteMode::append), {}).value().row_security; };
  EXPECT_EQ(planned(), PgRowSecurity::refuses_all);
  database_.query("CREATE POLICY p ON datasync.t AS RESTRICTIVE FOR ALL USING (true)");
  database_.query("CREATE POLICY q ON datasync.t FOR SELECT USING (true)");
  database_.query("CREATE POLICY r ON datasync.t FOR INSERT TO postgres WITH CHECK (true)");
  EXPECT_EQ(planned(), PgRowSecurity::refuses_all);
  EXPECT_THAT(load(*own, spec("t", WriteMode::append), {"id", "n"}),
              AllOf(HasSubstr("WITH CHECK"), HasSubstr("BYPASSRLS")));
  database_.query(granted("CREATE POLICY s ON datasync.t FOR INSERT TO {} WITH CHECK (true)"));
  EXPECT_EQ(planned(), PgRowSecurity::applies);
  EXPECT_EQ(load(*own, spec("t", WriteMode::append), {"id", "n"}), "");
  database_.query("ALTER TABLE datasync.t DISABLE ROW LEVEL SECURITY");
  EXPECT_EQ(planned(), PgRowSecurity::none);
}

TEST_F(PgFacts, AColumnThatTakesItsDefaultFromASequenceThenTheRightToUseIt) {
  database_.query("CREATE TABLE datasync.t (id int PRIMARY KEY, n serial)");
  const auto own = session_of_role("GRANT USAGE ON SCHEMA datasync TO {0}; GRANT INSERT ON datasync.t TO {0}");
  auto plan = plan_pg_table(*own, spec("t", WriteMode::append), {"id"});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_THAT(plan->missing_grants, ElementsAre(granted("GRANT USAGE ON SEQUENCE datasync.t_n_seq TO {}")));
  plan = plan_pg_table(*own, spec("t", WriteMode::append), {"id", "n"});
  ASSERT_TRUE(plan);
  EXPECT_THAT(plan->missing_grants, IsEmpty());
}

TEST_F(PgFacts, ASchemaThatIsStillToBeMadeThenTheTableIsPlannedInIt) {
  TableSpec made = spec("t", WriteMode::append);
  made.create = true;
  const auto own = session("later");
  const auto plan = plan_pg_table(*own, made, {"id"});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->table, "later.t");
  made.name = "nowhere.t";
  const auto refused = plan_pg_table(*own, made, {"id"});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("there is no schema nowhere"), HasSubstr("create it")));
}

}  // namespace
}  // namespace baton

// The tables of a job repository: Spring Batch's, made or adopted, and Baton's own.
#include "postgres/repository.h"
#include "postgres/schema.h"
#include "tests/doubles/postgres_server.h"
#include "tests/doubles/seeded_random.h"
#include "tests/postgres/spring_batch_script.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mutex>
#include <set>
#include <thread>

namespace baton {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr auto five = JobKeyFormat::spring_batch_5;
constexpr auto six = JobKeyFormat::spring_batch_6;

class PgRepositorySchema : public testing::Test {
 protected:
  std::unique_ptr<PgSession> session(const std::string& schema = "datasync") const {
    return std::make_unique<PgSession>(database_.settings(schema), schema);
  }
  Result<PgChanges> migrate(PgMigrate how = PgMigrate::automatic, std::optional<JobKeyFormat> wanted = std::nullopt,
                            const std::string& schema = "datasync") const {
    SeededRandom random(3);
    const auto own = session(schema);
    return migrate_pg_repository(*own, how, random, wanted);
  }
  void expect_invalid(const Result<PgChanges>& result, const std::vector<std::string>& words) const {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::invalid);
    for (const std::string& word : words) EXPECT_THAT(result.error().message, HasSubstr(word));
  }
  // Columns, constraints and sequences of Spring Batch's in a schema.
  std::string shape(const std::string& schema) const {
    return database_.query(fmt::format(
        "SELECT replace(line, '{0}.', '') FROM (SELECT c.relname || '.' || a.attname || ' ' || "
        "format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END || "
        "coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS line FROM pg_class c JOIN pg_attribute a ON a.attrelid = "
        "c.oid AND a.attnum > 0 LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum WHERE "
        "c.relnamespace = '{0}'::regnamespace AND c.relname LIKE 'batch%' AND c.relkind = 'r' UNION ALL SELECT conname "
        "|| ' ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = "
        "'{0}'::regnamespace AND conrelid::regclass::text LIKE '%batch%' UNION ALL SELECT sequencename || ' ' || "
        "data_type || ' ' || start_value || ' ' || min_value || ' ' || max_value || ' ' || increment_by || ' ' || "
        "cycle "
        "|| ' ' || cache_size FROM pg_sequences WHERE schemaname = '{0}' AND sequencename LIKE 'batch%') x ORDER BY 1",
        schema));
  }

  TemporaryDatabase database_;
};

TEST_F(PgRepositorySchema, TablesAndSequencesAreThoseOfSpringBatch5) {
  database_.query(std::string("CREATE SCHEMA reference; SET search_path = reference; ") + spring_batch_5_script);
  const auto made = migrate();
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_THAT(*made, AllOf(Contains("created BATCH_JOB_INSTANCE"), Contains("created BATCH_JOB_SEQ"),
                           Contains("created baton_execution"), Contains("created baton_fence")));
  EXPECT_EQ(shape("datasync"), shape("reference"));
  EXPECT_EQ(pg_spring_batch_generation(*session()).value(), five);
  EXPECT_TRUE(check_pg_repository_schema(*session()));
  EXPECT_TRUE(has_pg_repository(*session()).value());
}

TEST_F(PgRepositorySchema, SpringBatch6HasAnotherSequenceOfInstances) {
  database_.query(std::string("CREATE SCHEMA reference; SET search_path = reference; ") + spring_batch_5_script +
                  "; ALTER SEQUENCE BATCH_JOB_SEQ RENAME TO BATCH_JOB_INSTANCE_SEQ");
  ASSERT_TRUE(migrate(PgMigrate::automatic, six));
  EXPECT_EQ(shape("datasync"), shape("reference"));
  EXPECT_EQ(pg_spring_batch_generation(*session()).value(), six);
}

TEST_F(PgRepositorySchema, SecondMigrationChangesNothing) {
  ASSERT_TRUE(migrate());
  const std::string id = database_.query("SELECT repository_id FROM baton_repository");
  const auto again = migrate();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_THAT(*again, IsEmpty());
  EXPECT_THAT(migrate(PgMigrate::never).value(), IsEmpty());
  EXPECT_EQ(database_.query("SELECT repository_id FROM baton_repository"), id);
}

TEST_F(PgRepositorySchema, MissingSchemaIsMade) {
  EXPECT_FALSE(has_pg_repository(*session("etl")).value());
  const Status checked = check_pg_repository_schema(*session("etl"));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::invalid);
  EXPECT_THAT(checked.error().message, HasSubstr("baton migrate"));
  const auto made = migrate(PgMigrate::automatic, std::nullopt, "etl");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_THAT(*made, Contains("created schema etl"));
  EXPECT_TRUE(has_pg_repository(*session("etl")).value());
}

TEST_F(PgRepositorySchema, TablesThatSpringMadeAreAdoptedUntouched) {
  database_.query(std::string("SET search_path = datasync; ") + spring_batch_5_script +
                  "; ALTER TABLE BATCH_JOB_EXECUTION ADD JOB_CONFIGURATION_LOCATION VARCHAR(2500); CREATE INDEX mine "
                  "ON BATCH_JOB_EXECUTION (JOB_INSTANCE_ID, STATUS); INSERT INTO BATCH_JOB_INSTANCE VALUES "
                  "(nextval('batch_job_seq'), 0, 'java', 'k')");
  const std::string before = shape("datasync");
  const std::string indexes =
      "SELECT count(*) FROM pg_indexes WHERE schemaname = 'datasync' AND tablename LIKE 'batch%'";
  const std::string indexes_before = database_.query(indexes);
  const auto adopted = migrate(PgMigrate::automatic, five);
  ASSERT_TRUE(adopted) << adopted.error().message;
  EXPECT_THAT(*adopted, Not(Contains(StartsWith("created BATCH"))));
  EXPECT_EQ(shape("datasync"), before);
  EXPECT_EQ(database_.query(indexes), indexes_before);
  EXPECT_EQ(database_.query("SELECT count(*) FROM batch_job_instance"), "1");
  EXPECT_EQ(database_.query("SELECT last_value FROM batch_job_seq"), "1");
  EXPECT_TRUE(open_pg_repository(session(), {}));
}

TEST_F(PgRepositorySchema, SequenceThatIsMissingGoesOnAfterTheIdsThatAreThere) {
  database_.query(std::string("SET search_path = datasync; ") + spring_batch_5_script +
                  "; DROP SEQUENCE BATCH_JOB_SEQ; INSERT INTO BATCH_JOB_INSTANCE VALUES (41, 0, 'java', 'k')");
  ASSERT_TRUE(migrate());
  EXPECT_EQ(database_.query("SELECT nextval('batch_job_seq')"), "42");
  EXPECT_EQ(database_.query("SELECT nextval('batch_job_execution_seq')"), "1");
}

TEST_F(PgRepositorySchema, TableThatLacksAColumnIsNamedWithWhatToDo) {
  database_.query("CREATE TABLE datasync.batch_job_instance (job_instance_id bigint, version bigint, job_name text)");
  expect_invalid(migrate(), {"BATCH_JOB_INSTANCE", "\"datasync\"", "JOB_KEY", "rename it", "repository.schema"});
  EXPECT_FALSE(has_pg_repository(*session()).value()) << "nothing was made";
  EXPECT_EQ(database_.query("SELECT to_regclass('datasync.baton_fence') IS NULL"), "t");
}

TEST_F(PgRepositorySchema, TablesOfSpringBatch4NameSpringsMigration) {
  database_.query(std::string("SET search_path = datasync; ") + spring_batch_5_script +
                  "; ALTER TABLE BATCH_STEP_EXECUTION DROP COLUMN CREATE_TIME; ALTER TABLE BATCH_JOB_EXECUTION_PARAMS "
                  "RENAME PARAMETER_NAME TO KEY_NAME; ALTER TABLE BATCH_JOB_EXECUTION_PARAMS RENAME PARAMETER_TYPE TO "
                  "TYPE_CD");
  expect_invalid(migrate(), {"BATCH_JOB_EXECUTION_PARAMS", "PARAMETER_NAME", "Spring Batch 4",
                             "migration/5.0/migration-postgresql.sql"});
}

TEST_F(PgRepositorySchema, AnotherGenerationThanTheConfigurationsIsRefused) {
  ASSERT_TRUE(migrate(PgMigrate::automatic, six));
  expect_invalid(migrate(PgMigrate::automatic, five), {"Spring Batch 6's", "spring_batch says 5"});
  EXPECT_TRUE(migrate(PgMigrate::automatic, six));
  EXPECT_TRUE(migrate(PgMigrate::automatic, std::nullopt));
  ASSERT_TRUE(migrate(PgMigrate::automatic, five, "other"));
  expect_invalid(migrate(PgMigrate::automatic, six, "other"),
                 {"Spring Batch 5's", "spring_batch says 6", "migration/6.0/migration-postgresql.sql"});
}

TEST_F(PgRepositorySchema, MigrateNeverTellsTheStatementsAndTheyAreEnough) {
  const auto refused = migrate(PgMigrate::never, std::nullopt, "etl");
  expect_invalid(refused, {"never", "CREATE SCHEMA", "batch_job_instance", "baton_fence", "baton_job"});
  const std::string& message = refused.error().message;
  database_.query(message.substr(message.find("CREATE SCHEMA")));
  const auto accepted = migrate(PgMigrate::never, std::nullopt, "etl");
  ASSERT_TRUE(accepted) << accepted.error().message;
  EXPECT_TRUE(open_pg_repository(session("etl"), {}));
}

TEST_F(PgRepositorySchema, RepositoryOfALaterVersionIsRefused) {
  ASSERT_TRUE(migrate());
  database_.query("INSERT INTO baton_repository (schema_version, repository_id, applied_at) VALUES (99, 'x', now())");
  expect_invalid(migrate(), {"later version", "99"});
  EXPECT_FALSE(check_pg_repository_schema(*session()));
}

TEST_F(PgRepositorySchema, TenProgramsMayStartAtOnce) {
  std::mutex mutex;
  std::vector<std::string> made;
  std::set<std::string> ids;
  {
    std::vector<std::jthread> programs;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      programs.emplace_back([&, seed] {
        SeededRandom random(seed);
        const auto own = session("fleet");
        const auto changes = migrate_pg_repository(*own, PgMigrate::automatic, random, std::nullopt);
        const std::scoped_lock lock(mutex);
        EXPECT_TRUE(changes) << changes.error().message;
        if (changes) made.insert(made.end(), changes->begin(), changes->end());
        const auto repository = open_pg_repository(session("fleet"), {});
        EXPECT_TRUE(repository) << repository.error().message;
        if (repository) ids.insert((*repository)->record().repository_id());
      });
    }
  }
  EXPECT_EQ(std::set(made.begin(), made.end()).size(), made.size()) << "each was made once";
  EXPECT_EQ(ids.size(), 1U);
}

}  // namespace
}  // namespace baton

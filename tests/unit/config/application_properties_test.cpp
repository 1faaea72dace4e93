#include "tests/unit/config/loading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace testing_config;

struct Application {
  std::map<std::string, std::string> environment;
  std::string jobs = job;

  tl::expected<Config, ConfigFailure> load(const std::string& properties) const {
    ConfigSources sources;
    sources.read_file = [&](const std::string& path) -> Result<std::string> {
      return path == "application.properties" ? properties : jobs;
    };
    sources.environment = [this](const std::string& name) {
      const auto found = environment.find(name);
      return found == environment.end() ? std::nullopt : std::optional(found->second);
    };
    return load_application_properties("application.properties", "jobs.yaml", sources);
  }
  std::string problem(const std::string& properties) const {
    const auto config = load(properties);
    return config ? "" : config.error().text();
  }
};

const std::string url = "spring.datasource.url=jdbc:postgresql://db:5432/etl?currentSchema=datasync\n";

TEST(ApplicationProperties, AcceptanceFileThenLoaded) {
  const auto config = Application().load(source_file("tests/acceptance/application.properties"));
  ASSERT_TRUE(config) << config.error().text();
  const DatabaseConfig& database = config->repository.database;
  EXPECT_EQ(database.url->reveal(), "jdbc:postgresql://localhost:5432/scale_poc?currentSchema=datasync");
  EXPECT_EQ(database.url.place.text(), "application.properties:3:23");
  EXPECT_EQ(database.username, "postgres");
  EXPECT_EQ(database.password->reveal(), "admin");
  EXPECT_EQ(database.pool, 5);
  EXPECT_EQ(**config->tokens, 2);
  EXPECT_EQ(*config->locks.dynamodb->table, "etl-locks");
  EXPECT_EQ(config->locks.dynamodb->partition_key, "jobName");
  EXPECT_EQ(config->locks.dynamodb->region, "us-east-1");
  EXPECT_EQ(config->unknown_settings, 1);
  EXPECT_EQ(config->locks.database.kind, DatabaseKind::postgresql);
}

TEST(ApplicationProperties, EnvironmentThenItComesFirstInSpringsRelaxedForm) {
  Application application;
  application.environment = {{"SPRING_DATASOURCE_URL", "jdbc:postgresql://other/d"},
                             {"SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", "7"},
                             {"TOKEN", "9"},
                             {"DYNAMODB_TABLENAME", "t"}};
  auto config = application.load(url + "token=2\n");
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->repository.database.shown, "jdbc:postgresql://other/d");
  EXPECT_EQ(config->repository.database.pool, 7);
  EXPECT_EQ(**config->tokens, 9);
  EXPECT_EQ(*config->locks.dynamodb->table, "t");
  application.environment = {{"SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE", "8"}};
  config = application.load(url);
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->repository.database.pool, 8);
  EXPECT_FALSE(config->locks.dynamodb);
}

TEST(ApplicationProperties, KeysInSpringsOtherSpellingsThenTheSame) {
  const auto config = Application().load(url +
                                         "spring.datasource.hikari.maximumPoolSize=7\ndynamodb.table_name=locks\n"
                                         "dynamodb.partition-key=jobName\nspring.application.name=x\n");
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->repository.database.pool, 7);
  EXPECT_EQ(*config->locks.dynamodb->table, "locks");
  EXPECT_EQ(config->locks.dynamodb->partition_key, "jobName");
  EXPECT_EQ(config->unknown_settings, 1);
}

TEST(ApplicationProperties, SpringsTablesInAnotherSchemaThenThere) {
  const auto schema_of = [](const std::string& properties) {
    const auto config = Application().load(url + properties);
    return config ? config->repository.database.schema.value_or("the url's") : config.error().text();
  };
  const std::string prefix = "spring.batch.jdbc.table-prefix=";
  EXPECT_EQ(schema_of("spring.datasource.hikari.schema=batch"), "batch");
  EXPECT_EQ(schema_of(prefix + "BATCH_"), "the url's");
  EXPECT_EQ(schema_of("spring.datasource.hikari.schema=batch\n" + prefix + "Etl.BATCH_"), "etl");
  for (const char* other : {"BOOT_", "etl.", ".BATCH_", "BATCH"}) {
    EXPECT_THAT(
        schema_of(prefix + other),
        HasSubstr("application.properties:2:32: `spring.batch.jdbc.table-prefix` is wrong: expected BATCH_ or"));
  }
}

TEST(ApplicationProperties, AWrongValueOfTheEnvironmentThenTheVariableThatHasIt) {
  Application application;
  for (const char* name : {"SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE",
                           "spring.datasource.hikari.maximum-pool-size"}) {
    application.environment = {{name, "none"}};
    EXPECT_THAT(application.problem(url), HasSubstr("environment variable " + std::string(name) + ": "));
  }
}

TEST(ApplicationProperties, SeveralWritersIntoTheRepositorysDatabaseThenItIsNotTakenForSqlite) {
  Application application;
  application.jobs =
      "jobs: { j: { steps: [ { name: s, read: { csv: { path: p } }, write: { table: { name: t, writers: 2 } } } ] } }";
  EXPECT_EQ(application.problem(url), "");
}

TEST(ApplicationProperties, AStepThatNamesNoConnectionThenItReadsTheRepositorysDatabase) {
  Application application;
  application.jobs =
      "jobs: { j: { steps: [ { name: s, read: { table: { name: t, key: [ id ] } }, write: { table: { name: u } } }, "
      "{ name: q, read: { query: { sql: select 1, key: [ id ] } }, write: { table: { name: u } } } ] } }";
  const auto config = application.load(url);
  ASSERT_TRUE(config) << config.error().text();
  const auto& steps = config->jobs.front().steps;
  const auto read = [&](std::size_t step) { return std::get<LoadConfig>(steps[step].work).read; };
  EXPECT_EQ(std::get<TableReadConfig>(read(0)).database.kind, DatabaseKind::postgresql);
  EXPECT_EQ(std::get<QueryReadConfig>(read(1)).database.shown, config->repository.database.shown);
}

TEST(ApplicationProperties, APoolThatIsTooSmallThenWhereItIsSaid) {
  Application application;
  EXPECT_THAT(application.problem(url + "spring.datasource.hikari.maximum-pool-size=1\n"),
              HasSubstr("expected a `spring.datasource.hikari.maximum-pool-size` in application.properties of at least "
                        "2, it is 1"));
  application.environment = {{"SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE", "1"}};
  EXPECT_THAT(application.problem(url + "spring.datasource.hikari.maximum-pool-size=5\n"),
              HasSubstr("expected a `SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE` in the environment of at least 2, it "
                        "is 1"));
}

TEST(ApplicationProperties, PlaceholdersThenReplacedAlsoInOneAnother) {
  Application application;
  application.environment = {{"DB_HOST", "h1"}};
  const auto config = application.load(
      "db.name=etl\nspring.datasource.url=jdbc:postgresql://${DB_HOST}:${DB_PORT:5432}/${MISSING:${db.name}}\n"
      "spring.datasource.username=${NOBODY:}\n");
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->repository.database.url->reveal(), "jdbc:postgresql://h1:5432/etl");
  EXPECT_FALSE(config->repository.database.username);
}

TEST(ApplicationProperties, WhatIsWrongThenSaidAtItsPlace) {
  const Application application;
  EXPECT_THAT(application.problem(url + "spring.datasource.username=${WHO}\n"),
              HasSubstr("application.properties:2:28: there is neither an environment variable nor a key `WHO`"));
  EXPECT_THAT(application.problem(url + "token = none"), HasSubstr("application.properties:2:9: `token` is wrong"));
  EXPECT_THAT(application.problem("token=1"), HasSubstr("`spring.datasource.url` is missing"));
  EXPECT_THAT(application.problem("spring.datasource.url=jdbc:mysql://h/d"), HasSubstr(":1:23: "));
  EXPECT_THAT(application.problem("spring.datasource.url=${a}\na=${b}\nb=${a}"), HasSubstr("back to themselves"));
}

TEST(ApplicationProperties, SecretsThenInNoMessage) {
  const Application application;
  const std::string text = application.problem(
      "spring.datasource.url=jdbc:mysql://u:geheim@h/d\nspring.datasource.password=geheim${X}geheim\n"
      "dynamodb.secretkey=geheim${Y}\n");
  EXPECT_THAT(text, HasSubstr(":3:20"));
  EXPECT_THAT(text, Not(HasSubstr("geheim")));
}

TEST(ApplicationProperties, WhatOnlyTheOtherFileSaysThenItCounts) {
  Application application;
  application.jobs =
      "{ repository: { pool: 20, username: u }, locks: { store: dynamodb, dynamodb: { table: yaml, region: eu-west-1, "
      "endpoint: 'http://127.0.0.1:1', sort_key: { name: r, value: v } } }, " +
      job.substr(0) + " }";
  const auto config = application.load(url + "dynamodb.tablename=locks\ndynamodb.accesskey=a\n");
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->repository.database.pool, 20);
  EXPECT_EQ(config->repository.database.username, "u");
  const DynamoDbConfig& dynamodb = *config->locks.dynamodb;
  EXPECT_EQ(*dynamodb.table, "locks");
  EXPECT_EQ(dynamodb.region, "eu-west-1");
  EXPECT_EQ(dynamodb.endpoint, "http://127.0.0.1:1");
  ASSERT_TRUE(dynamodb.sort_key);
  EXPECT_TRUE(dynamodb.access_key);
}

TEST(ApplicationProperties, RepositoryInBothFilesThenRefused) {
  Application application;
  application.jobs = "repository: { url: \"postgresql://h/d\", schema: s }\n" + job;
  EXPECT_THAT(application.problem(url),
              HasSubstr("jobs.yaml:1:20: `repository.url` is said by application.properties"));
  application.jobs = "repository: { schema: s, contexts: none }\nlocks: { lease: 30s }\n" + job;
  const auto config = application.load(url);
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->repository.database.schema, "s");
  EXPECT_EQ(config->repository.contexts, Contexts::none);
}

}  // namespace
}  // namespace baton

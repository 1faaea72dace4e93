// The configurations that every version accepts as they are.
#include "loading.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing_config::source_file;
using testing_config::World;

const LoadConfig& load_of(const Config& config, const std::string& job) {
  return std::get<LoadConfig>(config.job(job)->steps.at(0).work);
}

TEST(AcceptanceFiles, DemoThenLoadedThenEveryJobIsThere) {
  World world;
  world.environment = {{"OUT", "/out"}};
  const auto config = world.load(source_file("tests/acceptance/demo.yaml"));
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(*config->tokens.value(), 2);
  EXPECT_EQ(config->tokens->place.text(), "conf/baton.yaml:8:20");
  EXPECT_EQ(*config->repository.database.path, "/out/baton.db");
  EXPECT_EQ(*config->locks.database.path, "/out/baton.db-locks");
  ASSERT_EQ(config->jobs.size(), 4U);
  EXPECT_EQ(*config->jobs[0].name, "vendors");
  EXPECT_EQ(*config->jobs[3].name, "subdivisions");
  EXPECT_EQ(*config->connection("warehouse")->path, "/out/warehouse.db");
  EXPECT_EQ(config->connection("elsewhere"), nullptr);
  EXPECT_EQ(config->job("nobody"), nullptr);
}

TEST(AcceptanceFiles, DemoThenLoadedThenCsvAndJsonLoadsHaveTheirValues) {
  World world;
  world.environment = {{"OUT", "/out"}};
  const auto config = world.load(source_file("tests/acceptance/demo.yaml"));
  ASSERT_TRUE(config) << config.error().text();
  const auto& vendors = load_of(*config, "vendors");
  EXPECT_EQ(vendors.write.mode, TableMode::upsert);
  EXPECT_TRUE(vendors.write.create);
  EXPECT_EQ(*vendors.write.key.at(0), "assignment");
  const auto& rename = std::get<RenameConfig>(vendors.process.at(0));
  EXPECT_EQ(*rename.columns.at(2).first, "Organization Name");
  EXPECT_EQ(*rename.columns.at(2).second, "organization");
  const auto& codepoints = std::get<CsvConfig>(load_of(*config, "codepoints").read);
  EXPECT_EQ(codepoints.delimiter, ';');
  EXPECT_FALSE(codepoints.quote);
  EXPECT_FALSE(codepoints.header);
  EXPECT_EQ(codepoints.columns.size(), 15U);
  EXPECT_EQ(config->job("codepoints")->schedule->initial_delay, Duration(1'000));
  const auto& languages = load_of(*config, "languages");
  EXPECT_EQ(*std::get<JsonConfig>(languages.read).items, "/639-3");
  EXPECT_EQ(*languages.write.columns.at(4).first, "inverted_name");
  const auto& schedule = config->job("subdivisions")->schedule;
  EXPECT_EQ(std::get<FixedRateSchedule>(schedule->when).rate, Duration(10'000));
}

TEST(AcceptanceFiles, PostgresLoadThenLoadedThenSecretsStayInsideTheUrl) {
  World world;
  world.environment = {{"PGURL", "postgresql://me:geheim@db:5432/etl?sslmode=require"}, {"CSV", "/in/lineitem.csv"}};
  const auto config = world.load(source_file("tests/acceptance/postgres-load.yaml"));
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->repository.database.kind, DatabaseKind::postgresql);
  EXPECT_EQ(config->repository.database.url->reveal(), "postgresql://me:geheim@db:5432/etl?sslmode=require");
  EXPECT_EQ(config->repository.database.shown, "postgresql://db:5432/etl");
  EXPECT_EQ(config->repository.database.schema, "datasync");
  EXPECT_EQ(config->locks.database.kind, DatabaseKind::postgresql);
  EXPECT_EQ(config->connection("warehouse")->schema, "public");
  const JobConfig& job = config->jobs.at(0);
  EXPECT_TRUE(job.schedule->is_manual());
  EXPECT_EQ(job.steps.at(0).chunk, 50'000U);
  EXPECT_EQ(load_of(*config, "lineitem").write.mode, TableMode::append);
}

TEST(AcceptanceFiles, PostgresLoadWithOtherFormsOfUrlThenAccepted) {
  World world;
  for (const std::string url : {"postgres://h/d", "host=/run/postgresql dbname=etl user=me password='a b'",
                                "jdbc:postgresql://localhost:5432/scale_poc?currentSchema=datasync"}) {
    world.environment = {{"PGURL", url}, {"CSV", "x.csv"}};
    EXPECT_THAT(world.problems(source_file("tests/acceptance/postgres-load.yaml")), ElementsAre()) << url;
  }
}

TEST(AcceptanceFiles, JobsThenLoadedThenCronRunsByTheClocksOfItsZone) {
  const auto config = World().load(source_file("tests/acceptance/jobs.yaml"));
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(to_text(*config->job("accounts")->schedule), "cron 0 0 6 * * MON-FRI Asia/Kolkata");
  EXPECT_EQ(to_text(*config->job("prices")->schedule), "fixed_delay 10s");
}

TEST(AcceptanceFiles, DynamoDbLocksThenLoaded) {
  World world;
  world.environment = {{"PGURL", "postgresql://h/d"}};
  const auto config = world.load(source_file("tests/acceptance/dynamodb-locks.yaml"));
  ASSERT_TRUE(config) << config.error().text();
  ASSERT_TRUE(config->locks.dynamodb);
  EXPECT_EQ(*config->locks.dynamodb->table, "etl-locks");
  EXPECT_EQ(config->locks.dynamodb->partition_key, "key");
  EXPECT_EQ(config->locks.dynamodb->region, "us-east-1");
  EXPECT_FALSE(config->locks.dynamodb->endpoint);
}

TEST(AcceptanceFiles, MonitoringThenLoadedThenEveryKeyHasItsValue) {
  World world;
  world.environment = {{"OUT", "/o"}, {"HOOK", "http://me:geheim@hooks:9/x?token=geheim"}};
  const auto config = world.load(source_file("tests/acceptance/monitoring.yaml"));
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->server->host, "127.0.0.1");
  EXPECT_EQ(config->server->port, 8080);
  EXPECT_EQ(config->monitoring.grace, Duration(2'000));
  ASSERT_EQ(config->monitoring.monitors.size(), 2U);
  EXPECT_EQ(*config->monitoring.monitors[0].name, "monitoring-1");
  EXPECT_EQ(config->monitoring.monitors[0].probe, ProbeKind::observe);
  EXPECT_EQ(config->monitoring.monitors[1].every, Duration(5'000));
  EXPECT_EQ(config->monitoring.monitors[1].probe, ProbeKind::acquire);
  EXPECT_EQ(config->monitoring.monitors[1].lease, Duration(1'000));
  EXPECT_EQ(config->alerts.remind, Duration(3'600'000));
  ASSERT_EQ(config->alerts.sinks.size(), 3U);
  EXPECT_TRUE(std::holds_alternative<LogSinkConfig>(config->alerts.sinks[0]));
  const auto& webhook = std::get<WebhookConfig>(config->alerts.sinks[1]);
  EXPECT_EQ(webhook.url.reveal(), "http://me:geheim@hooks:9/x?token=geheim");
  EXPECT_EQ(webhook.shown, "http://hooks:9");
  EXPECT_EQ(*std::get<CommandSinkConfig>(config->alerts.sinks[2]).argv.at(2), "/o/alerts.log");
  EXPECT_EQ(config->retention.executions, Duration(90LL * 86'400'000));
  EXPECT_FALSE(config->retention.rejects);
  const WatchConfig& slow = config->job("slow")->watch;
  EXPECT_EQ(slow.timeout, Duration(30'000));
  EXPECT_EQ(slow.stall, Duration(5'000));
  EXPECT_EQ(slow.on_stall, OnStall::release);
  EXPECT_EQ(config->grace(*config->job("tick")), Duration(2'000));
  EXPECT_FALSE(config->job("failing")->watch.timeout);
}

// A file cut anywhere, such as one that is still being written.
TEST(AcceptanceFiles, DemoCutAtEveryByteThenEitherAConfigurationOrProblemsWithAPlace) {
  World world;
  world.environment = {{"OUT", "/out"}};
  const std::string whole = source_file("tests/acceptance/demo.yaml");
  ASSERT_GT(whole.size(), 1000U);
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    const auto config = world.load(whole.substr(0, bytes));
    if (config) continue;
    ASSERT_FALSE(config.error().problems.empty()) << bytes;
    for (const ConfigProblem& problem : config.error().problems) {
      ASSERT_GT(problem.place.line, 0) << bytes << problem.message;
      ASSERT_GT(problem.place.column, 0) << bytes << problem.message;
      ASSERT_FALSE(problem.message.empty()) << bytes;
    }
    ASSERT_FALSE(config.error().text().empty());
  }
}

TEST(AcceptanceFiles, DemoWithOneByteChangedThenNoCrashAndEveryProblemHasAPlace) {
  World world;
  world.environment = {{"OUT", "/out"}};
  const std::string whole = source_file("tests/acceptance/demo.yaml");
  const std::string bytes("\0\n\t {}[]:-\"'&*!|>#%@,\x80\xFF$a", 26);
  for (std::size_t offset = 760; offset < whole.size(); offset += 3) {
    std::string changed = whole;
    changed[offset] = bytes[offset % bytes.size()];
    const auto config = world.load(changed);
    if (config) continue;
    for (const ConfigProblem& problem : config.error().problems) {
      ASSERT_GT(problem.place.line, 0) << offset << problem.message;
    }
  }
}

}  // namespace
}  // namespace baton

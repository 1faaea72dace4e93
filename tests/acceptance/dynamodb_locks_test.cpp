// The project's acceptance files with locks in DynamoDB, as they are.
#include "dynamodb/lease_store.h"
#include "runtime/system_clock.h"
#include "runtime/system_random.h"
#include "tests/doubles/dynalite.h"
#include "tests/doubles/postgres_server.h"
#include "tests/doubles/private_dynalite.h"
#include "tests/doubles/workspace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <csignal>
#include <memory>

namespace baton {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Duration soon{20'000};

class DynamoLocks : public testing::Test {
 protected:
  static std::string shared(const std::string& file) { return BATON_SOURCE_DIR "/tests/acceptance/" + file; }

  ProgramRequest request(std::vector<std::string> arguments, const std::string& file) const {
    arguments.insert(arguments.end(), {"--config", shared(file)});
    ProgramRequest request = workspace_.request(std::move(arguments));
    request.environment = environment_;
    return request;
  }
  ProgramEnd run(std::vector<std::string> arguments, const std::string& file) const {
    return run_to_end(request(std::move(arguments), file));
  }
  std::size_t held(const LockTable& table) {
    DynamoLeaseSettings settings{table, {dynalite_.url(), "us-east-1"}, {}, {}};
    const auto store = open_dynamo_lease_store(std::move(settings), dynalite_credentials(), clock_, random_, soon);
    const auto all = store ? (*store)->list(soon) : fail(store.error());
    if (!all) return 0;
    return static_cast<std::size_t>(
        std::count_if(all->begin(), all->end(), [](const LeaseRecord& lock) { return !lock.released; }));
  }

  SystemClock clock_;
  SystemRandom random_;
  PrivateDynalite dynalite_;
  TemporaryDatabase database_;
  Workspace workspace_{BATON_BINARY_DIR "/baton"};
  std::vector<std::pair<std::string, std::string>> environment_;
};

TEST_F(DynamoLocks, ApplicationPropertiesThenItsReplicasShareFourJobs) {
  const std::string at = database_.url().substr(database_.url().find('@') + 1);
  environment_ = {{"SPRING_DATASOURCE_URL", "jdbc:postgresql://" + at + "?currentSchema=datasync"},
                  {"AWS_ENDPOINT_URL_DYNAMODB", dynalite_.url()}};
  const ProgramEnd made = run({"migrate"}, "application.properties");
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  const LockTable table{"etl-locks", "jobName", std::nullopt};
  Program first(request({"run"}, "application.properties"));
  ASSERT_TRUE(await([&] { return held(table) == 2; }));
  Program second(request({"run"}, "application.properties"));
  ASSERT_TRUE(await([&] { return held(table) == 4; }));
  for (Program* const replica : {&first, &second}) {
    replica->signal(SIGTERM);
    const ProgramEnd end = replica->wait();
    EXPECT_EQ(end.exit_code, 0) << end.errors;
    EXPECT_THAT(end.errors, HasSubstr("AWS credentials: the configuration"));
    EXPECT_THAT(end.errors, Not(HasSubstr("wJalrXUtnFEMI")));
  }
  EXPECT_EQ(held(table), 0U);
}

TEST_F(DynamoLocks, LocksFileThenAKilledReplicasJobsRunOnTheOther) {
  environment_ = {{"PGURL", database_.url()},
                  {"DYNAMODB", dynalite_.url()},
                  {"AWS_ACCESS_KEY_ID", "test"},
                  {"AWS_SECRET_ACCESS_KEY", "test"}};
  database_.query("CREATE TABLE public.ticks (job text)");
  const std::string file = "dynamodb-locks.yaml";
  ASSERT_EQ(run({"migrate"}, file).exit_code, 0);
  const LockTable table{"etl-locks", "key", std::nullopt};
  Program first(request({"run"}, file));
  Program second(request({"run"}, file));
  ASSERT_TRUE(await([&] { return database_.query("SELECT count(DISTINCT job) FROM public.ticks") == "4"; }));
  first.signal(SIGKILL);
  first.wait();
  database_.query("DELETE FROM public.ticks");
  Program third(request({"run"}, file));
  ASSERT_TRUE(await([&] { return database_.query("SELECT count(DISTINCT job) FROM public.ticks") == "4"; }));
  for (Program* const replica : {&second, &third}) {
    replica->signal(SIGTERM);
    EXPECT_EQ(replica->wait().exit_code, 0);
  }
  EXPECT_EQ(held(table), 0U);
}

}  // namespace
}  // namespace baton

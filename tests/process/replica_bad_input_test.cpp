// What `baton run` refuses before it does anything: exit code 78, and where and what to change.
#include "tests/process/replica_fixture.h"

namespace baton {
namespace {

struct Refused {
  std::string what;
  ReplicaConfig config;
  std::vector<std::string> said;
};

class RefusedConfiguration : public ReplicaTest, public testing::WithParamInterface<Refused> {};

TEST_P(RefusedConfiguration, EndsTheReplicaAtItsStartWithThePlace) {
  configure(GetParam().config);
  const ProgramEnd end = start()->wait();
  EXPECT_EQ(end.exit_code, 78) << end.errors;
  for (const std::string& one : GetParam().said) EXPECT_THAT(end.errors, HasSubstr(one));
  EXPECT_EQ(workspace_.names(), std::vector<std::string>{"baton.yaml"}) << "no store is made";
}

std::vector<Refused> refused() {
  const std::string one = sql_job("one", by_hand);
  return {{"NoToken", {.stores = "replica: { tokens: 0 }\n", .jobs = one}, {"baton.yaml:1:", "tokens"}},
          {"TwoJobsOfOneName", {.jobs = one + one}, {"baton.yaml:10:3", "one"}},
          {"AScheduleThatNeverFires",
           {.jobs = sql_job("one", "{ cron: \"0 0 0 30 2 *\" }")},
           {"baton.yaml:6:", "0 0 0 30 2 *"}},
          {"AnUnknownZone",
           {.jobs = sql_job("one", "{ cron: \"@daily\", zone: Europe/Berln }")},
           {"baton.yaml:6:", "Europe/Berln", "Europe/Berlin"}},
          {"ALeaseShorterThanTwoHeartbeats",
           {.timings = "lease: 1s, heartbeat: 500ms, refresh: 100ms", .jobs = one},
           {"baton.yaml:2:", "lease"}},
          {"NoJob", {.jobs = "  {}\n"}, {"baton.yaml:"}}};
}

INSTANTIATE_TEST_SUITE_P(With, RefusedConfiguration, testing::ValuesIn(refused()),
                         [](const auto& one) { return one.param.what; });

class RefusedStores : public ReplicaTest {};

TEST_F(RefusedStores, LeasesInAnotherStoreThanTheRepositorysOwnAreNamedWithWhatToDo) {
  ReplicaConfig config{.jobs = sql_job("one", by_hand)};
  configure(config);
  const Replica first = start();
  ASSERT_TRUE(await_held(first, 1));
  config.locks = "store: sqlite, url: \"sqlite:others.db\", ";
  workspace_.write("others.yaml", config.text());
  const ProgramEnd refused = start("others.yaml")->wait();
  EXPECT_EQ(refused.exit_code, 78) << refused.errors;
  EXPECT_THAT(refused.errors, HasSubstr("others.db"));
  EXPECT_THAT(refused.errors, HasSubstr("leases"));
  EXPECT_EQ(count_held(first), 1);
  end(first);
}

TEST_F(RefusedStores, LeasesInTheRepositorysOwnFileAreRefused) {
  configure({.locks = "store: sqlite, url: \"sqlite:baton.db\", ", .jobs = sql_job("one", by_hand)});
  const ProgramEnd end = start()->wait();
  EXPECT_EQ(end.exit_code, 78) << end.errors;
  EXPECT_THAT(end.errors, AllOf(HasSubstr("baton.yaml:2:"), HasSubstr("leases need a file of their own")));
}

TEST_F(RefusedStores, AFileThatIsNoDatabaseIsNamed) {
  workspace_.write("baton.db", "not a database, but a text of more than a hundred bytes: " + std::string(200, '.'));
  configure({.jobs = sql_job("one", by_hand)});
  const ProgramEnd end = start()->wait();
  EXPECT_EQ(end.exit_code, 78) << end.errors;
  EXPECT_THAT(end.errors, HasSubstr("baton.db"));
}

}  // namespace
}  // namespace baton

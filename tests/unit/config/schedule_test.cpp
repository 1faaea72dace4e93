// The schedules of jobs: what is accepted and what it becomes, and what is said about the others.
#include "loading.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing_config::World;

std::string with_schedule(const std::string& schedule) {
  return "jobs: { j: { schedule: " + schedule + ", steps: [ { name: s, sql: { statement: a } } ] } }\n";
}

std::string schedule_of(const std::string& schedule) {
  const auto config = World().load(with_schedule(schedule));
  return config ? to_text(*config->jobs.at(0).schedule) : config.error().text();
}

void expect_only(const std::string& schedule, const std::string& problem) {
  EXPECT_THAT(World().problems(with_schedule(schedule)), ElementsAre(StartsWith(problem))) << schedule;
}

TEST(ScheduleKeys, ManualOrOneOfTheTimedKindsThenTheSchedule) {
  EXPECT_EQ(schedule_of("manual"), "manual");
  EXPECT_EQ(schedule_of("\"\""), "manual");
  EXPECT_EQ(schedule_of("{ fixed_delay: 5s, initial_delay: 0s, jitter: 1s }"), "fixed_delay 5s");
  EXPECT_EQ(schedule_of("{ fixed_rate: 1h }"), "fixed_rate 1h");
  EXPECT_EQ(schedule_of("{ cron: \"0 0 6 * * *\" }"), "cron 0 0 6 * * * UTC");
  EXPECT_EQ(schedule_of("{ cron: \"0 0 6 * * MON\", zone: Asia/Kolkata }"), "cron 0 0 6 * * MON Asia/Kolkata");
  EXPECT_EQ(schedule_of("{ cron: \"@daily\", zone: \"\" }"), "cron @daily UTC");
}

TEST(ScheduleKeys, DelayAndJitterThenBesideEachTimedKind) {
  for (const std::string kind : {"fixed_delay: 5s", "fixed_rate: 5s", "cron: \"@daily\""}) {
    const auto config = World().load(with_schedule("{ " + kind + ", initial_delay: 2s, jitter: 3s }"));
    ASSERT_TRUE(config) << config.error().text();
    const auto& schedule = config->jobs.at(0).schedule;
    EXPECT_EQ(schedule->initial_delay, Duration(2'000)) << kind;
    EXPECT_EQ(schedule->jitter, Duration(3'000)) << kind;
    EXPECT_EQ(schedule.place.text(), "conf/baton.yaml:1:24");
  }
}

TEST(ScheduleKeys, NoneOrSeveralKindsThenRefused) {
  expect_only("hourly", "1:24 `jobs.j.schedule` is 'hourly': expected manual");
  expect_only("manul", "1:24 `jobs.j.schedule` is 'manul', did you mean `manual`?");
  expect_only("[manual]", "1:24 `jobs.j.schedule` is a list: expected manual, or a map with the keys");
  const std::string one_of = "1:14 `jobs.j.schedule` needs exactly one of the keys `fixed_delay`, `fixed_rate`, `cron`";
  expect_only("{}", one_of);
  expect_only("{ jitter: 1s }", one_of);
  expect_only("{ fixed_rate: 1h, fixed_delay: 1h }", one_of);
  expect_only("{ fixed_rate: 1h, cron: \"@daily\" }", one_of);
}

TEST(ScheduleKeys, DurationOfZeroThenRefused) {
  expect_only("{ fixed_rate: 0s }", "1:38 `jobs.j.schedule.fixed_rate` is '0s': expected a duration of at least 1ms");
  expect_only("{ fixed_delay: 0ms }",
              "1:39 `jobs.j.schedule.fixed_delay` is '0ms': expected a duration of at least 1ms");
}

TEST(ScheduleKeys, WrongCronThenTheFieldAndWhatWasFoundAtItsPlace) {
  expect_only("{ cron: \"0 61 * * * *\" }", "1:32 the cron expression `0 61 * * * *`: the minute is `61`: expected");
  expect_only("{ cron: \"0 4 * * *\" }", "1:32 the cron expression `0 4 * * *`: it has 5 fields: expected six");
  expect_only("{ cron: \"0 0 0 30 2 *\" }", "1:32 the cron expression `0 0 0 30 2 *`: it never fires");
  expect_only("{ cron: \"\" }", "1:14 `jobs.j.schedule` needs exactly one of");
  expect_only("{ cron: 5 }", "1:32 the cron expression `5`: it has 1 field");
}

TEST(ScheduleKeys, UnknownZoneThenTheNearestIsNamedAtItsPlace) {
  expect_only("{ cron: \"@daily\", zone: Europe/Berln }",
              "1:48 there is no time zone `Europe/Berln`, did you mean `Europe/Berlin`?");
  expect_only("{ cron: \"@daily\", zone: \"Europe Berlin\" }", "1:48 `jobs.j.schedule.zone` is 'Europe Berlin'");
  expect_only("{ fixed_rate: 1h, zone: UTC }", "1:42 `zone` needs `cron` beside it");
}

TEST(ScheduleKeys, WrongCronAndUnknownZoneThenBothAreReported) {
  EXPECT_THAT(World().problems(with_schedule("{ cron: \"0 0 25 * * *\", zone: X/Y }")),
              ElementsAre(HasSubstr("the hour is `25`"), HasSubstr("no time zone `X/Y`")));
}

TEST(ScheduleKeys, ReferenceIsReplacedByAWrongValueThenTheValueIsNotShown) {
  World world;
  world.environment = {{"A", "geheim"}};
  EXPECT_THAT(
      world.problems(with_schedule("{ cron: \"${A}\", zone: \"${A}\" }")),
      ElementsAre(AllOf(HasSubstr("`jobs.j.schedule.cron` is wrong: expected six fields"), Not(HasSubstr("geheim"))),
                  AllOf(HasSubstr("`jobs.j.schedule.zone` is wrong: expected"), Not(HasSubstr("geheim")))));
  world.environment = {{"A", "@daily"}};
  EXPECT_THAT(world.problems(with_schedule("{ cron: \"${A}\" }")), ElementsAre());
}

TEST(ScheduleKeys, NobodyLooksZonesUpThenOnlyUtcIsKnown) {
  const std::string text = with_schedule("{ cron: \"@daily\", zone: Europe/Berlin }");
  const ConfigSources sources{[&](const std::string&) { return text; },
                              [](const std::string&) { return std::nullopt; }};
  const auto config = load_config("f.yaml", sources);
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().text(), HasSubstr("there is no time zone `Europe/Berlin`: expected UTC"));
}

TEST(Balance, GreedyOrNotGivenThenGreedyOrFair) {
  EXPECT_EQ(World().load("replica: { balance: greedy }\n" + testing_config::job)->balance, BalanceConfig::greedy);
  EXPECT_EQ(World().load(testing_config::job)->balance, BalanceConfig::fair);
}

}  // namespace
}  // namespace baton

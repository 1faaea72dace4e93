// Global monitors over simulated replicas: a healthy day has no alert at all, and each trouble that is planted is found
// within its bound (docs/monitoring.md), told once, and over once it heals.
#include "tests/simulation/monitored_day.h"
#include "tests/simulation/seeds.h"

#include <gmock/gmock.h>
#include <algorithm>

namespace baton {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::IsSupersetOf;

constexpr Duration every = MonitoredDay::every;
constexpr Duration grace = MonitoredDay::grace;

class HealthyDay : public testing::TestWithParam<std::uint64_t> {};

TEST_P(HealthyDay, NothingGoesWrongThenNobodyIsTold) {
  // A whole day in a release build, little of it under a sanitizer.
  const int hours = std::max(2, static_cast<int>(24 * simulation_scale()));
  MonitoredDay day(calm_day(GetParam(), 3));
  EXPECT_THAT(day.watch_for(std::chrono::hours(hours)), IsEmpty());
  EXPECT_GT(day.world().repository.completed_of("job0"), hours * 3'500 / 24);
  EXPECT_GT(day.world().repository.completed_of("job1"), hours * 120 - 10);
  EXPECT_GT(day.world().repository.completed_of("job2"), hours * 60 - 5);
}

// A token to spare for each: what one leaves the others have at once.
TEST_P(HealthyDay, OneReplicaAfterTheOtherDiesAndIsReplacedThenNobodyIsTold) {
  SimulationPlan plan = calm_day(GetParam(), 6);
  for (SimulatedJob& job : plan.jobs) job.settings.grace = 30s;  // its locks run for 20 s
  MonitoredDay day(plan);
  ASSERT_THAT(day.watch_for(10min), IsEmpty());
  for (std::size_t machine = 0; machine < day.fleet().machines(); ++machine) {
    day.fleet().crash(machine, 5s);
    EXPECT_THAT(day.watch_for(10min), IsEmpty()) << machine;
  }
}

// One replica after the other gets the new configuration, and with each of them a monitor may move.
TEST_P(HealthyDay, RollingUpdatesAddAJobAndRemoveItThenNobodyIsTold) {
  const SimulationPlan plan = calm_day(GetParam(), 7, 7);
  const std::vector<SimulatedJob> before(plan.jobs.begin(), plan.jobs.end() - 1);
  MonitoredDay day(plan, {}, before);
  ASSERT_THAT(day.watch_for(10min), IsEmpty());
  day.spread();
  for (const std::vector<SimulatedJob>& jobs : {plan.jobs, before}) {
    day.fleet().configure(jobs);
    for (std::size_t machine = 0; machine < 3; ++machine) {
      day.fleet().update(machine);
      EXPECT_THAT(day.watch_for(3min), IsEmpty()) << machine;
    }
    EXPECT_THAT(day.watch_for(10min), IsEmpty());
  }
  EXPECT_GT(day.world().repository.completed_of("job6"), 10);
}
INSTANTIATE_TEST_SUITE_P(Simulation, HealthyDay, testing::Range<std::uint64_t>(1, 3));

class PlantedTrouble : public testing::TestWithParam<std::uint64_t> {
 protected:
  // A round, and two looks in between that come a second late.
  static constexpr TrueTime rounds{every + Duration(2'000)};
  // A lease, seen by a monitor, on clocks that drift, beside the calls of the stores.
  static TrueTime unowned_bound() { return 20s + TrueTime(grace) + 3 * 1s + rounds + 100ms; }
};

TEST_P(PlantedTrouble, ReplicaDiesAndNobodyHasATokenThenUnownedSilentAndTooFewTokensUntilItIsBack) {
  MonitoredDay day(calm_day(GetParam(), 2));
  ASSERT_THAT(day.watch_for(10min), IsEmpty());
  ReplicaProcess* victim = day.owner_of("job0");
  ASSERT_NE(victim, nullptr);
  const std::string id = victim->id();
  day.fleet().crash(static_cast<std::size_t>(victim->host().number), 10min);
  const auto told = day.watch_for(unowned_bound());
  EXPECT_THAT(told, IsSupersetOf({std::string("begun unowned job0"), "begun replica_silent " + id}));
  EXPECT_THAT(day.watch_for(1h), IsSupersetOf({std::string("begun no_capacity "), std::string("ended no_capacity "),
                                               std::string("ended unowned job0"), "ended replica_silent " + id}));
  EXPECT_THAT(day.watch_for(2h), IsEmpty());
}

TEST_P(PlantedTrouble, ReplicaStandsStillAndNobodyHasATokenThenUnownedUntilItGoesOn) {
  MonitoredDay day(calm_day(GetParam(), 2));
  ASSERT_THAT(day.watch_for(10min), IsEmpty());
  ReplicaProcess* victim = day.owner_of("job1");
  ASSERT_NE(victim, nullptr);
  day.fleet().pause(static_cast<std::size_t>(victim->host().number), 5min);
  EXPECT_LE(day.time_to("begun unowned job1", unowned_bound()), unowned_bound());
  EXPECT_THAT(day.watch_for(1h), testing::Contains("ended unowned job1"));
  EXPECT_THAT(day.watch_for(2h), IsEmpty());
}

TEST_P(PlantedTrouble, JobThatFailsThenToldOnceUntilItSucceeds) {
  SimulationPlan plan = calm_day(GetParam(), 3);
  plan.jobs[0].chunk_fails = 1;
  MonitoredDay day(plan);
  // Its first run, and its restart after 5 s.
  const TrueTime bound = 5s + 2 * (5s + longest_run_of(plan.jobs[0], plan)) + rounds;
  EXPECT_LE(day.time_to("begun failing job0", bound), bound);
  EXPECT_THAT(day.watch_for(2h), testing::Not(testing::Contains("begun failing job0")));
}

TEST_P(PlantedTrouble, JobPausedForTooLongThenToldUntilItIsResumed) {
  MonitoredDay day(calm_day(GetParam(), 3));
  ASSERT_THAT(day.watch_for(10min), IsEmpty());
  day.world().repository.pause("job2");
  EXPECT_THAT(day.watch_for(TrueTime(MonitoredDay::paused_long) - 2s), IsEmpty());
  EXPECT_THAT(day.watch_for(2 * rounds), testing::ElementsAre("begun paused_long job2"));
  day.world().repository.resume("job2");
  EXPECT_THAT(day.watch_for(10min), testing::ElementsAre("ended paused_long job2"));
}

INSTANTIATE_TEST_SUITE_P(Simulation, PlantedTrouble, testing::Range<std::uint64_t>(1, 3));

}  // namespace
}  // namespace baton

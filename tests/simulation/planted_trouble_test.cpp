// Troubles planted into simulated days, one at a time: each is found within its bound (docs/monitoring.md), told once,
// and over once it heals.
#include "monitor/look_times.h"
#include "tests/simulation/foreign_owner.h"
#include "tests/simulation/monitored_day.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Ge;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Le;

constexpr Duration every = MonitoredDay::every;
constexpr Duration grace = MonitoredDay::grace;
constexpr Duration lease = 20s;
constexpr Duration heartbeat = 5s;
constexpr Duration three_refreshes = 3s;
constexpr TrueTime moment = 100ms;  // clocks that drift, and calls of the stores

// Clocks of one speed, and a look at its very instant.
SimulationPlan exact_day(std::uint64_t seed, std::int64_t tokens, int jobs = 6) {
  SimulationPlan plan = calm_day(seed, tokens, jobs);
  plan.drift = 0;
  return plan;
}

Watching watched_by(std::vector<std::string> monitors, Duration rounds = every) {
  Watching watching;
  watching.every = rounds;
  watching.monitors = std::move(monitors);
  watching.exact = true;
  return watching;
}

auto within(TrueTime least, TrueTime most) { return AllOf(Ge(least), Le(most)); }

std::vector<std::string> open_in(const MonitoredDay& day) {
  std::vector<std::string> open;
  for (const Alert& alert : day.open_alerts()) open.push_back(alert.kind + " " + alert.subject);
  return open;
}

class Planted : public testing::TestWithParam<std::uint64_t> {};

// By clock of the repository: from then until the job's alert began.
TrueTime from(WallTime then, const MonitoredDay& day, const std::string& job) {
  for (const Alert& alert : day.open_alerts()) {
    if (alert.subject == job) return alert.first_seen - then;
  }
  return TrueTime(-1);
}

JobExecution newest_of(MonitoredDay& day, const std::string& job) {
  return day.world().repository.last_run(job).value().executions.front();
}

// Whose run began and goes on: its thread hangs.
void hang(MonitoredDay& day, const std::string& job) {
  day.world().hung_jobs = {job};
  const std::int64_t before = newest_of(day, job).id;
  std::int64_t tries = 0;
  while (newest_of(day, job).id == before && ++tries < 100) ASSERT_THAT(day.watch_for(1s), IsEmpty());
  ASSERT_EQ(newest_of(day, job).status, BatchStatus::started);
}

// Due every 30 s: the first due time without a run is 30 s after that of the run which hangs.
TrueTime time_until_overdue(MonitoredDay& day) {
  EXPECT_THAT(day.watch_for(10min), IsEmpty());
  hang(day, "job1");
  const RepositoryView view = day.world().repository.look();
  const auto control =
      std::find_if(view.jobs.begin(), view.jobs.end(), [](const auto& one) { return one.job == "job1"; });
  EXPECT_LE(day.time_to("begun overdue job1", 1min), TrueTime(1min));
  const TrueTime late = from(*control->last_due + 30s, day, "job1");
  EXPECT_THAT(day.watch_for(10min), IsEmpty()) << "told again";
  day.world().hung_jobs.clear();
  EXPECT_THAT(day.watch_for(2min), ElementsAre("ended overdue job1"));
  EXPECT_THAT(day.watch_for(1h), IsEmpty());
  return late;
}

TEST_P(Planted, RunThatHangsBeyondTheNextDueTimeThenItsOwnerFindsItOverdue) {
  MonitoredDay day(exact_day(GetParam(), 3), watched_by({}));
  EXPECT_THAT(time_until_overdue(day), within(grace, grace + heartbeat));
}

TEST_P(Planted, RunThatHangsBeyondTheNextDueTimeThenMonitorsFindItOverdueToldOnce) {
  MonitoredDay day(exact_day(GetParam(), 3), watched_by({"m1", "m2"}));
  EXPECT_THAT(time_until_overdue(day), within(grace, grace + every));
}

TEST_P(Planted, RunWithoutProgressThenStalledAfterItsLimitUntilItMakesProgress) {
  SimulationPlan plan = exact_day(GetParam(), 3);
  plan.jobs[0].settings.limits.stall = 1min;
  MonitoredDay day(plan, watched_by({"m1", "m2"}));
  ASSERT_THAT(day.watch_for(10min), IsEmpty());
  hang(day, "job0");
  const WallTime started = newest_of(day, "job0").created;
  ASSERT_LE(day.time_to("begun stalled job0", 2min), TrueTime(2min));
  EXPECT_THAT(from(started, day, "job0"), within(1min, 1min + 4 * moment));
  EXPECT_THAT(day.watch_for(10min), IsEmpty());
  day.world().hung_jobs.clear();
  EXPECT_THAT(day.watch_for(1min), ElementsAre("ended stalled job0"));
  EXPECT_THAT(day.watch_for(1h), IsEmpty());
}

// A seventh job for six tokens, which another program has from the beginning, until that dies.
TEST_P(Planted, LockThatAForeignClientTookAndAbandonedThenUnownedUntilItIsBack) {
  SimulationPlan plan = exact_day(GetParam(), 2, 7);
  plan.jobs[6].settings.schedule = Schedule{};
  MonitoredDay day(plan, watched_by({"m1", "m2"}));
  visit_as_foreigner(day.world(), "job6", 20min, true);
  ASSERT_THAT(day.watch_for(20min), IsEmpty());
  const TrueTime last_renewal = day.world().leases.truth("job6").written;
  const TrueTime bound = TrueTime(lease + grace + three_refreshes + every + 2 * LookTimes::shortest_pause);
  const TrueTime waited = day.world().queue.now() - last_renewal;
  const TrueTime found = waited + day.time_to("begun unowned job6", bound);
  EXPECT_THAT(found, within(lease + grace + three_refreshes, bound + moment));
  EXPECT_THAT(day.watch_for(1min), ElementsAre("begun no_capacity "));
  visit_as_foreigner(day.world(), "job6", 10h, false);
  EXPECT_THAT(day.watch_for(3min), testing::UnorderedElementsAre("ended no_capacity ", "ended unowned job6"));
  EXPECT_THAT(day.watch_for(1h), IsEmpty());
}

// Its other threads go on: its runs, its monitors.
TEST_P(Planted, LoopsOfAReplicaHangThenItsJobsAreUnownedUntilTheyGoOn) {
  MonitoredDay day(exact_day(GetParam(), 2), watched_by({"m1", "m2"}));
  ASSERT_THAT(day.watch_for(10min), IsEmpty());
  ReplicaProcess* victim = day.owner_of("job1");
  ASSERT_NE(victim, nullptr);
  const TrueTime last_renewal = day.world().leases.truth("job1").written;
  victim->hang(5min);
  const TrueTime bound = TrueTime(lease + grace + three_refreshes + every + 2 * LookTimes::shortest_pause);
  const TrueTime waited = day.world().queue.now() - last_renewal;
  EXPECT_THAT(waited + day.time_to("begun unowned job1", bound),
              within(lease + grace + three_refreshes, bound + moment));
  EXPECT_THAT(open_in(day), Contains("replica_silent " + victim->id()));
  EXPECT_THAT(day.watch_for(1h),
              IsSupersetOf({std::string("ended unowned job1"), "ended replica_silent " + victim->id()}));
  EXPECT_THAT(day.open_alerts(), IsEmpty());
  EXPECT_THAT(day.watch_for(1h), IsEmpty());
}

// The loop hangs for so long that its lease runs out, and another one has it.
TEST_P(Planted, LoopOfAMonitorHangsThenTheOtherOneSaysSoUntilAnotherReplicaHasIt) {
  MonitoredDay day(exact_day(GetParam(), 3), watched_by({"m1", "m2"}));
  ASSERT_THAT(day.watch_for(10min), IsEmpty());
  day.await_round("m2");
  day.hang("m2", 5min);
  const TrueTime longest = TrueTime(2 * every + lease + three_refreshes + grace);
  EXPECT_THAT(day.time_to("begun monitor_silent m2", 2 * longest), within(longest, longest + TrueTime(every) + moment));
  EXPECT_THAT(day.watch_for(2 * lease + 2 * heartbeat), ElementsAre("ended monitor_silent m2"));
  EXPECT_THAT(day.watch_for(1h), IsEmpty());
}

// A job of that process that runs now; waits until there is one.
std::string running_job(MonitoredDay& day, const ReplicaProcess& process) {
  for (int tries = 0; tries < 600; ++tries) {
    for (const SimulatedJob& job : day.fleet().jobs()) {
      const std::string& name = job.settings.name;
      if (day.owner_of(name) == &process && !day.world().repository.open_executions(name).empty()) return name;
    }
    EXPECT_THAT(day.watch_for(1s), IsEmpty());
  }
  return "";
}

// The loops of all others hang, so that nobody closes what it ran (P16); the monitors look on.
TEST_P(Planted, ReplicaDiesAmidARunAndNobodyClosesItThenAnExecutionIsNobodysUntilSomebodyDoes) {
  MonitoredDay day(exact_day(GetParam(), 2), watched_by({"m1", "m2"}));
  ASSERT_THAT(day.watch_for(10min), IsEmpty());
  ReplicaProcess* victim = day.without_monitor();
  ASSERT_NE(victim, nullptr);
  const std::string job = running_job(day, *victim);
  const TrueTime last_renewal = day.world().leases.truth(job).written;
  const TrueTime waited = day.world().queue.now() - last_renewal;
  for (ReplicaProcess* process : day.fleet().alive()) {
    if (process != victim) process->hang(5min);
  }
  day.fleet().crash(static_cast<std::size_t>(victim->host().number), 6min);
  const TrueTime bound = TrueTime(lease + grace + three_refreshes + every + 2 * LookTimes::shortest_pause);
  EXPECT_THAT(waited + day.time_to("begun nobodys_execution " + job, bound),
              within(lease + grace + three_refreshes, bound + moment));
  EXPECT_THAT(day.watch_for(1h), Contains("ended nobodys_execution " + job));
  EXPECT_THAT(day.open_alerts(), IsEmpty());
  EXPECT_THAT(day.watch_for(1h), IsEmpty());
}

TEST_P(Planted, OneReplicaHasAnotherConfigurationThenToldOnceThatHasLasted) {
  const SimulationPlan plan = exact_day(GetParam(), 3);
  MonitoredDay day(plan, watched_by({"m1", "m2"}));
  ASSERT_THAT(day.watch_for(10min), IsEmpty());
  ReplicaProcess* process = day.without_monitor();
  ASSERT_NE(process, nullptr);
  const auto updated = static_cast<std::size_t>(process->host().number);
  day.fleet().configure(plan.jobs);
  day.fleet().update(updated);
  // Its predecessor ends first, and its own row is there after a heartbeat.
  EXPECT_THAT(day.time_to("begun configurations_differ ", 1h), within(15min, 15min + 2 * heartbeat + every));
  for (std::size_t machine = 0; machine < 3; ++machine) {
    if (machine != updated) day.fleet().update(machine);
  }
  EXPECT_THAT(day.watch_for(5min), ElementsAre("ended configurations_differ "));
  EXPECT_THAT(day.watch_for(1h), IsEmpty());
}

// Rounds that are further apart than a lease lasts, and than anything must last: the looks in between decide.
class RareRounds : public testing::TestWithParam<std::uint64_t> {
 protected:
  static constexpr Duration rounds{60'000};
  // After so long since a round the owner of a job dies, and nobody has a token; since that round, when is it told?
  TrueTime told_when_it_dies_after(TrueTime life) {
    MonitoredDay day(exact_day(GetParam(), 2), watched_by({"m1"}, rounds));
    EXPECT_THAT(day.watch_for(10min), IsEmpty());
    ReplicaProcess* victim = day.without_monitor();
    std::string job;
    for (const SimulatedJob& one : day.fleet().jobs()) {
      if (day.owner_of(one.settings.name) == victim) job = one.settings.name;
    }
    day.await_round("m1");
    const TrueTime round = day.world().queue.now();
    EXPECT_THAT(day.watch_for(life), IsEmpty());
    const TrueTime died = day.world().queue.now();
    day.fleet().crash(static_cast<std::size_t>(victim->host().number), 1h);
    return died + day.time_to("begun unowned " + job, 10min) - round;
  }
};

TEST_P(RareRounds, ReplicaDiesJustAfterARoundThenUnownedALeaseAndThePatienceLater) {
  const TrueTime expected = TrueTime(lease + grace + three_refreshes);
  EXPECT_THAT(told_when_it_dies_after(0s), within(expected, expected + 1ms));
}

TEST_P(RareRounds, ReplicaDiesBeforeTheLookInBetweenThenUnownedThePatienceAfterTheNextRound) {
  const TrueTime expected = TrueTime(rounds + grace + three_refreshes);
  EXPECT_THAT(told_when_it_dies_after(10s), within(expected, expected + 1ms));
}

TEST_P(RareRounds, ReplicaDiesAfterTheLookInBetweenThenUnownedALeaseAndThePatienceAfterTheNextRound) {
  const TrueTime expected = TrueTime(rounds + lease + grace + three_refreshes);
  EXPECT_THAT(told_when_it_dies_after(50s), within(expected, expected + 1ms));
  EXPECT_THAT(told_when_it_dies_after(59s), within(expected, expected + 1ms));
  // The patience of no_capacity ends just before the lease does: that look comes a second after this one.
  EXPECT_THAT(told_when_it_dies_after(30s), within(expected, expected + TrueTime(LookTimes::shortest_pause) + 1ms));
}

TEST_P(RareRounds, AllIsWellThenNobodyIsToldAndOneLookComesInEachRoundBeside) {
  MonitoredDay day(exact_day(GetParam(), 3), watched_by({"m1"}, rounds));
  day.await_round("m1");
  const std::int64_t before = day.looks();
  EXPECT_THAT(day.watch_for(2h), IsEmpty());
  EXPECT_EQ(day.looks() - before, 2 * 120);
}

// A lock client that tries each lock in turn, beside one that only observes: each round, and what it takes it gives
// back.
class Acquiring : public testing::TestWithParam<std::uint64_t> {
 protected:
  static Watching watching() {
    Watching watching = watched_by({"m1", "m2"});
    watching.exact = false;
    watching.probing = {"m1", "m2"};
    return watching;
  }
};

TEST_P(Acquiring, AllIsWellThenNobodyIsToldAndNoLockIsTaken) {
  MonitoredDay day(calm_day(GetParam(), 3), watching());
  ASSERT_THAT(day.watch_for(1min), IsEmpty());
  const std::int64_t acquired = day.world().leases.changes();
  const std::int64_t probed = day.probed();
  EXPECT_THAT(day.watch_for(2h), IsEmpty());
  EXPECT_EQ(day.probed(), probed);
  EXPECT_EQ(day.world().leases.changes(), acquired) << "somebody lost a lock";
}

TEST_P(Acquiring, ReplicaDiesAndNobodyHasATokenThenItsLocksAreTakenAndToldOfUntilItIsBack) {
  MonitoredDay day(calm_day(GetParam(), 2), watching());
  ASSERT_THAT(day.watch_for(10min), IsEmpty());
  ReplicaProcess* victim = day.owner_of("job0");
  ASSERT_NE(victim, nullptr);
  day.fleet().crash(static_cast<std::size_t>(victim->host().number), 10min);
  const TrueTime bound = TrueTime(lease + grace + three_refreshes + every + 2 * LookTimes::shortest_pause);
  EXPECT_LE(day.time_to("begun unowned job0", bound + moment), bound + moment);
  EXPECT_GT(day.probed(), 0);
  EXPECT_THAT(day.watch_for(1h), Contains("ended unowned job0"));
  EXPECT_THAT(day.open_alerts(), IsEmpty());
  EXPECT_THAT(day.watch_for(1h), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Simulation, Planted, testing::Range<std::uint64_t>(1, 3));
INSTANTIATE_TEST_SUITE_P(Simulation, RareRounds, testing::Range<std::uint64_t>(1, 3));
INSTANTIATE_TEST_SUITE_P(Simulation, Acquiring, testing::Range<std::uint64_t>(1, 3));

}  // namespace
}  // namespace baton

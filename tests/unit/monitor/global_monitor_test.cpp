// What a global monitor finds: each state is produced, found after its bound exactly, and found no more once it heals.
#include "monitor/global_monitor.h"

#include "monitor/alert_lifecycle.h"
#include "tests/unit/monitor/overview_situation.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Two jobs every 10 s, one live replica that owns both, which have just run. Grace 2 s; lease 20 s, heartbeat 5 s,
// refresh 1 s.
class Watched : public testing::Test {
 protected:
  Watched() {
    at.job("a", fixed_rate(10s)).job("b", fixed_rate(10s));
    for (ReplicaJob& job : at.facts.settings.jobs) job.grace = 2s;
    at.replica("host-1").started = at.now - 1h;
    at.ran("a", "host-1");
    at.ran("b", "host-1");
  }

  // Time goes on; replicas that live beat, and jobs that are healthy run.
  void pass(Duration time) {
    now += time;
    at.facts.view.now += time;
    for (ReplicaRow& row : at.facts.view.replicas) {
      if (!dead.contains(row.id)) row.beat += time;
    }
    for (JobControl& control : at.facts.view.jobs) {
      while (!halted.contains(control.job) && at.facts.view.now - *control.last_due >= 10s) {
        control.last_due = *control.last_due + 10s;
        JobExecution& run = at.facts.runs[control.job].executions.front();
        run.started = *control.last_due;
        run.ended = *control.last_due + 340ms;
      }
    }
  }
  std::vector<std::string> look() {
    std::vector<std::string> found;
    texts.clear();
    for (const FoundTrouble& finding : monitor.look(at.facts, facts, now)) {
      found.push_back(std::string(name(finding.trouble)) + (finding.subject.empty() ? "" : " " + finding.subject));
      texts.push_back(finding.text);
    }
    return found;
  }
  LeaseRecord& lease(const std::string& job) {
    for (LeaseRecord& lease : at.facts.leases) {
      if (lease.key == job) return lease;
    }
    return at.lease(job, "nobody");
  }
  JobControl& control(const std::string& job) { return at.facts.view.jobs.at(job == "a" ? 0 : 1); }
  // Not found before `bound` has passed since now, found then.
  void expect_after(Duration bound, const std::string& what) {
    EXPECT_THAT(look(), IsEmpty());
    pass(bound - 1ms);
    EXPECT_THAT(look(), IsEmpty()) << "before " << bound.count();
    pass(1ms);
    EXPECT_THAT(look(), ElementsAre(what));
  }

  Situation at;
  Instant now{1h};
  MonitorFacts facts;
  GlobalMonitor monitor{{"monitoring-1", 2s, {{"monitoring-2", 5s}}}};
  std::set<std::string> dead;
  std::set<std::string> halted;
  std::vector<std::string> texts;

  void SetUp() override { facts.passes = {{"monitoring-2", "host-1", 5s, at.now + 1000h}}; }
};

TEST_F(Watched, HealthyDayThenNothingIsFound) {
  for (int look_number = 0; look_number < 24 * 3'600 / 2; ++look_number) {
    ASSERT_THAT(look(), IsEmpty()) << look_number << texts.at(0);
    pass(2s);
  }
}

TEST_F(Watched, ScheduleThatDoesNotFireThenOverdueAfterItsGraceExactly) {
  EXPECT_THAT(look(), IsEmpty());
  halted = {"a"};
  pass(10s);  // due 8 s from the beginning, and 2 s of grace
  EXPECT_THAT(look(), IsEmpty());
  pass(1ms);
  EXPECT_THAT(look(), ElementsAre("overdue a"));
  EXPECT_THAT(texts.at(0), HasSubstr("late by 2001ms"));
  halted.clear();
  pass(1s);
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(Watched, FailureThenFoundOnceItsRestartsAreUsedUp) {
  at.facts.settings.jobs[0].restarts = 1;
  at.run("a", BatchStatus::failed).exit.description = "no such table";
  halted = {"a"};
  EXPECT_THAT(look(), IsEmpty());
  at.run("a", BatchStatus::failed).exit.description = "no such table";
  EXPECT_THAT(look(), ElementsAre("failing a"));
  EXPECT_EQ(texts.at(0), "failed 2 times in a row: no such table");
  at.run("a", BatchStatus::completed);
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(Watched, ManyRestartsAreAllowedAndFailThenFoundAfterTenOfThem) {
  at.facts.settings.jobs[0] = {"a", fixed_delay(10s), 1'000, 5s, {}, 2s};
  for (int failures = 1; failures <= 10; ++failures) {
    at.run("a", BatchStatus::failed, EndedBy::itself, 0ms).reason = StartReason::restart;
    EXPECT_THAT(look(), IsEmpty()) << failures;
  }
  at.run("a", BatchStatus::failed, EndedBy::itself, 0ms);
  EXPECT_THAT(look(), ElementsAre("failing a"));
  at.run("a", BatchStatus::started).replica = "host-1";
  EXPECT_THAT(look(), ElementsAre("failing a")) << "a restart that is under way has not succeeded";
}

TEST_F(Watched, RestartsFailForAnHourThenFoundThough) {
  at.facts.settings.jobs[0] = {"a", fixed_delay(10s), 1'000, 1h, {}, 2s};
  at.run("a", BatchStatus::failed, EndedBy::itself, 0ms);
  const WallTime first = at.now;
  JobExecution& second = at.run("a", BatchStatus::failed, EndedBy::itself, 0ms);
  second.reason = StartReason::restart;
  second.ended = first + 59min;
  pass(1h);
  EXPECT_THAT(look(), IsEmpty());
  pass(1ms);
  EXPECT_THAT(look(), ElementsAre("failing a"));
}

TEST_F(Watched, ProcessDiesAgainAndAgainWithoutProgressThenHeldBack) {
  halted = {"a"};
  for (int execution = 0; execution < 3; ++execution) {
    EXPECT_THAT(look(), IsEmpty()) << execution;
    at.run("a", BatchStatus::failed, EndedBy::orphaned);
  }
  EXPECT_THAT(look(), ElementsAre("held_back a"));
  at.run("a", BatchStatus::completed);
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(Watched, LockThatNobodyTakesThenUnownedAfterGraceAndThreeRefreshes) {
  lease("a").released = true;
  expect_after(5s, "unowned a");
  EXPECT_THAT(texts.at(0), HasSubstr("nobody holds its lock: free: not taken yet"));
  lease("a").released = false;
  EXPECT_THAT(look(), IsEmpty());
  lease("a").released = true;  // counted anew
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(Watched, LockThatIsAbsentOrOfAProbeThenUnownedToo) {
  lease("a").owner_name = "host-9/probe";
  at.facts.leases.pop_back();  // b's
  EXPECT_THAT(look(), IsEmpty());
  pass(5s);
  EXPECT_THAT(look(), ElementsAre("unowned a", "unowned b"));
}

// By another program, which took it and died: its version stands still.
TEST_F(Watched, LockOfAForeignClientThatStandsStillThenUnowned) {
  lease("a").owner_name = "somebody";
  EXPECT_THAT(look(), IsEmpty());
  at.facts.expired = {"a"};
  expect_after(5s, "unowned a");
}

TEST_F(Watched, WhatAProbeGotThenUnownedWhateverTheListingSays) {
  facts.probed_idle = std::set<std::string>{"b"};
  lease("a").released = true;  // the listing may be behind
  expect_after(5s, "unowned b");
}

TEST_F(Watched, PausedAndFreeThenNoAlertBeforeItIsPausedForLong) {
  halted = {"a"};
  lease("a").released = true;
  control("a").pause = Pause{"ann", "audit", at.facts.view.now, std::nullopt};
  pass(24h);
  EXPECT_THAT(look(), IsEmpty());
  pass(1ms);
  EXPECT_THAT(look(), ElementsAre("paused_long a"));
  EXPECT_THAT(texts.at(0), HasSubstr("paused by ann since 2026-11-22 12:00:00Z: audit"));
}

// Everything has begun again with it: the job's owner has its grace to run it.
TEST_F(Watched, LateWhenTheMonitorBeginsThenOverdueOnlyAfterTheMonitorsGrace) {
  halted = {"a"};
  pass(1h + 1ms);
  expect_after(2s, "overdue a");
  EXPECT_THAT(texts.at(0), HasSubstr("late by 3594s")) << "in whole seconds";
}

TEST_F(Watched, LateWhenTheMonitorBeginsAndItsAlertIsOpenThenItGoesOn) {
  halted = {"a"};
  pass(1h);
  Alert alert;
  alert.kind = name(Trouble::overdue);
  alert.subject = "a";
  facts.open = {alert};
  EXPECT_THAT(look(), ElementsAre("overdue a"));
}

// It is due at once, once; that is not late.
TEST_F(Watched, ResumedAfterADayThenLateOnlyAfterItsGraceFromThen) {
  halted = {"a"};
  control("a").pause = Pause{"ann", "", at.facts.view.now, std::nullopt};
  pass(10h);
  EXPECT_THAT(look(), IsEmpty());
  control("a").pause.reset();
  EXPECT_THAT(look(), IsEmpty());
  pass(2s);
  EXPECT_THAT(look(), IsEmpty());
  pass(1ms);
  EXPECT_THAT(look(), ElementsAre("overdue a"));
}

TEST_F(Watched, KilledReplicaThatNobodyReplacesThenSilentUntilItsLocksAreTakenOver) {
  dead = {"host-1"};
  at.facts.settings.jobs[0].grace = at.facts.settings.jobs[1].grace = 1h;
  pass(19s);  // three heartbeats after its last beat, and its locks run still
  EXPECT_THAT(look(), IsEmpty());
  pass(1s);
  at.facts.expired = {"a", "b"};
  EXPECT_THAT(look(), IsEmpty());
  pass(5s - 1ms);  // grace, and three refreshes
  EXPECT_THAT(look(), IsEmpty());
  pass(1ms);
  EXPECT_THAT(look(), ElementsAre("unowned a", "unowned b", "replica_silent host-1"));
  EXPECT_THAT(texts.at(2), HasSubstr("2 of its locks are taken over by nobody"));
  at.replica("host-2").beat = at.facts.view.now;
  lease("a").owner_name = lease("b").owner_name = "host-2";
  at.facts.expired.clear();
  EXPECT_THAT(look(), IsEmpty());
}

// A replica that lives removes the row, and may not have the tokens for the jobs.
TEST_F(Watched, TheRowOfASilentReplicaIsRemovedThenItsAlertEndsAndSaysThatNobodyHasItsLocks) {
  dead = {"host-1"};
  at.facts.settings.jobs[0].grace = at.facts.settings.jobs[1].grace = 10h;
  look();
  pass(1h);
  at.facts.expired = {"a", "b"};
  look();
  pass(5s);
  EXPECT_THAT(look(), testing::Contains("replica_silent host-1"));
  Alert alert;
  alert.kind = "replica_silent";
  alert.subject = "host-1";
  facts.open = {alert};
  EXPECT_THAT(look(), testing::Contains("replica_silent host-1"));
  EXPECT_EQ(monitor.why_over(alert), "");
  at.facts.view.replicas.clear();
  EXPECT_THAT(look(), Not(testing::Contains("replica_silent host-1")));
  EXPECT_TRUE(monitor.judges(alert));
  EXPECT_EQ(monitor.why_over(alert),
            "its row was removed after long silence, and 2 of its locks are still taken over by nobody");
  at.facts.expired.clear();
  for (const char* job : {"a", "b"}) lease(job).owner_name = "host-2";
  EXPECT_THAT(look(), Not(testing::Contains("replica_silent host-1")));
  EXPECT_EQ(monitor.why_over(alert), "") << "somebody has them";
}

TEST_F(Watched, MoreJobsThanTokensThenNoCapacityAfterAWhile) {
  at.facts.view.replicas[0].tokens = 1;
  at.facts.settings.jobs[1].grace = 1h;
  lease("b").released = true;
  EXPECT_THAT(look(), IsEmpty());
  pass(17s - 1ms);
  EXPECT_THAT(look(), ElementsAre("unowned b"));
  pass(1ms);
  EXPECT_THAT(look(), ElementsAre("no_capacity", "unowned b"));
  EXPECT_EQ(texts.at(0), "no capacity (2 jobs, 1 live token)");
}

TEST_F(Watched, ManyJobsWithoutATokenThenOneAlertThatNamesTheFirst) {
  for (int i = 0; i < 1'000; ++i) at.job("job" + std::to_string(i));
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(look(), testing::Not(testing::Contains(HasSubstr("unowned"))));
    pass(1s);
  }
  EXPECT_THAT(look(), ElementsAre("no_capacity"));
  EXPECT_EQ(texts.at(0),
            "no capacity (1002 jobs, 2 live tokens); nobody has 1000 of them: job0, job1, job2, job3, job4, …");
}

TEST_F(Watched, ExecutionThatNobodyRunsThenFoundAfterGraceAndThreeRefreshes) {
  at.facts.view.open = {{"gone", 70, 7, BatchStatus::started, 3}};
  expect_after(5s, "nobodys_execution gone");
  EXPECT_EQ(texts.at(0), "execution 70 is STARTED and nobody runs it");
  at.facts.view.open[0].fence.reset();  // Java's are its own to end
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(Watched, DifferentConfigurationsThenFoundOnlyWhenThatLasts) {
  at.replica("host-2").config_hash = "h2";
  EXPECT_THAT(look(), IsEmpty());
  pass(15min - 1ms);
  EXPECT_THAT(look(), IsEmpty());
  pass(1ms);
  EXPECT_THAT(look(), ElementsAre("configurations_differ"));
}

TEST_F(Watched, OtherMonitorThatDoesNotLookThenFoundAfterTwoRoundsAndATakeOver) {
  const Duration longest = 2 * 5s + 20s + 3s + 2s;
  facts.passes = {{"monitoring-2", "host-1", 5s, at.facts.view.now}};
  EXPECT_THAT(look(), IsEmpty());
  pass(longest);
  EXPECT_THAT(look(), IsEmpty());
  pass(1ms);
  EXPECT_THAT(look(), ElementsAre("monitor_silent monitoring-2"));
  EXPECT_THAT(texts.at(0), HasSubstr("has not looked since 12:00:00Z, though it should every 5s"));
  facts.passes[0].at = at.facts.view.now;
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(Watched, OtherMonitorThatNeverLookedThenFoundAsLongAfterMyFirstLook) {
  facts.passes.clear();
  EXPECT_THAT(look(), IsEmpty());
  pass(35s + 1ms);
  EXPECT_THAT(look(), ElementsAre("monitor_silent monitoring-2"));
  EXPECT_EQ(texts.at(0), "has never looked");
}

// As a monitor does whose predecessor is gone: it has watched nothing yet.
struct MovedMonitor : Watched {
  Alert& open(const std::string& kind, const std::string& subject) {
    Alert alert;
    alert.id = 1 + static_cast<std::int64_t>(facts.open.size());
    alert.kind = kind;
    alert.subject = subject;
    alert.first_seen = at.facts.view.now;
    facts.open.push_back(alert);
    return facts.open.back();
  }
  // What a look would do to the open alerts.
  std::vector<std::string> ended() {
    const auto findings = monitor.look(at.facts, facts, now);
    std::vector<std::string> over;
    AlertRules rules;
    rules.mine = [&](const Alert& alert) { return monitor.judges(alert); };
    for (const AlertChange& change : advance_alerts(facts.open, findings, rules, at.facts.view.now)) {
      if (change.kind == AlertChange::Kind::end) over.push_back(change.alert.kind + " " + change.alert.subject);
    }
    return over;
  }
};

TEST_F(MovedMonitor, ConditionOfAnOpenAlertHoldsThenItGoesOnWithoutPatience) {
  lease("a").released = true;
  at.replica("host-2").config_hash = "h2";
  open("unowned", "a");
  open("configurations_differ", "");
  EXPECT_THAT(look(), ElementsAre("unowned a", "configurations_differ"));
  EXPECT_THAT(ended(), IsEmpty());
  lease("a").released = false;
  lease("a").version = "v2";
  at.facts.view.replicas[1].config_hash = "h1";
  EXPECT_THAT(ended(), ElementsAre("configurations_differ "));
  pass(20s + 1ms);
  EXPECT_THAT(ended(), ElementsAre("unowned a", "configurations_differ "));
}

// A dead owner's lock looks held until it was watched for its lease.
TEST_F(MovedMonitor, LockOfADeadOwnerThenNothingEndsBeforeARenewalIsSeen) {
  dead = {"host-1"};
  halted = {"a", "b"};
  at.facts.settings.jobs[0].grace = at.facts.settings.jobs[1].grace = 1h;
  pass(1min);
  at.facts.view.open = {{"a", 70, 7, BatchStatus::started, 3}};
  open("unowned", "a");
  open("replica_silent", "host-1");
  open("nobodys_execution", "a");
  EXPECT_THAT(ended(), IsEmpty());
  pass(19s);
  EXPECT_THAT(ended(), IsEmpty());
  pass(2s);
  at.facts.expired = {"a", "b"};
  EXPECT_THAT(look(), ElementsAre("unowned a", "replica_silent host-1", "nobodys_execution a"));
  at.facts.expired.clear();
  lease("a").version = lease("b").version = "v2";
  lease("a").owner_name = lease("b").owner_name = "host-2";
  EXPECT_THAT(ended(), ElementsAre("replica_silent host-1", "nobodys_execution a"));
  pass(20s + 1ms);
  EXPECT_THAT(ended(), ElementsAre("unowned a", "replica_silent host-1", "nobodys_execution a"));
}

// The database of the job accepts connections and never answers.
TEST_F(MovedMonitor, OwnerThatTakesALockAndGivesItBackAgainAndAgainThenOneAlert) {
  lease("a").released = true;
  open("unowned", "a");
  for (int round = 0; round < 5; ++round) {
    EXPECT_THAT(look(), ElementsAre("unowned a"));
    EXPECT_THAT(texts.at(0), HasSubstr("left alone for a while after an error"));
    lease("a").released = false;
    lease("a").version += "'";
    for (int i = 0; i < 4; ++i) {
      EXPECT_THAT(look(), ElementsAre("unowned a")) << round;
      EXPECT_EQ(texts.at(0), "host-1 has taken its lock, and not kept it yet");
      EXPECT_THAT(ended(), IsEmpty());
      pass(5s);
    }
    at.facts.expired = {"a"};  // it hangs for longer than a lease
    EXPECT_THAT(look(), ElementsAre("unowned a"));
    EXPECT_THAT(texts.at(0), HasSubstr("nobody holds its lock: its owner lives, but does not renew it"));
    at.facts.expired.clear();
    EXPECT_THAT(ended(), IsEmpty());
    lease("a").released = true;
  }
  lease("a").released = false;
  EXPECT_THAT(ended(), IsEmpty());
  at.run("a", BatchStatus::started).replica = "host-1";
  EXPECT_THAT(ended(), ElementsAre("unowned a")) << "it runs";
}

// Its probe has taken the dead one's locks before anybody looked at them.
TEST_F(MovedMonitor, LocksOfADeadReplicaThatAProbeHadThenItIsSilentAllTheSame) {
  at.facts.settings.jobs[0].grace = at.facts.settings.jobs[1].grace = 1h;
  facts.probed_idle.emplace();
  EXPECT_THAT(look(), IsEmpty());
  dead = {"host-1"};
  pass(21s);
  facts.probed_idle = std::set<std::string>{"a", "b"};
  for (const char* job : {"a", "b"}) {
    lease(job).owner_name = "host-2/m1/probe";
    lease(job).released = true;
  }
  EXPECT_THAT(look(), IsEmpty());
  pass(5s);
  EXPECT_THAT(look(), ElementsAre("unowned a", "unowned b", "replica_silent host-1"));
  EXPECT_THAT(texts.at(2), HasSubstr("2 of its locks are taken over by nobody"));
  // A monitor that comes now does not know whose they were.
  open("replica_silent", "host-1");
  monitor = GlobalMonitor({"monitoring-1", 2s, {{"monitoring-2", 5s}}});
  EXPECT_THAT(ended(), IsEmpty());
  for (const char* job : {"a", "b"}) lease(job) = {job, "host-2", Duration(20'000), "v2", false, std::nullopt};
  facts.probed_idle->clear();
  EXPECT_THAT(ended(), ElementsAre("replica_silent host-1"));
}

TEST_F(Watched, PausedWithAnEndThenTooLongToo) {
  halted = {"a"};
  control("a").pause = Pause{"ann", "", at.facts.view.now, at.facts.view.now + 365 * 24h};
  pass(24h);
  EXPECT_THAT(look(), IsEmpty());
  pass(1ms);
  EXPECT_THAT(look(), ElementsAre("paused_long a"));
  EXPECT_THAT(texts.at(0), HasSubstr(", until 2027-11-22 12:00:00Z"));
}

TEST_F(MovedMonitor, ManyJobsWithoutATokenThenWhoHadAnAlertKeepsIt) {
  for (int i = 0; i < 10; ++i) at.job("job" + std::to_string(i));
  open("unowned", "job3");
  EXPECT_THAT(look(), ElementsAre("unowned job3"));
}

TEST_F(MovedMonitor, JobThatOnlyAnotherConfigurationKnowsThenItsAlertIsNotEnded) {
  open("failing", "bad");
  at.replica("host-2").config_hash = "h2";
  EXPECT_THAT(ended(), IsEmpty());
  at.facts.view.replicas.pop_back();  // nobody knows it any more
  EXPECT_THAT(ended(), ElementsAre("failing bad"));
}

// The other one's schedule, restarts or tokens may say that it lasts.
TEST_F(MovedMonitor, ConfigurationsDifferThenOnlyWhatHealedForBothEnds) {
  at.replica("host-2").config_hash = "h2";
  at.facts.settings.jobs[0].restarts = 9;
  at.run("a", BatchStatus::failed);
  open("failing", "a");
  open("no_capacity", "");
  open("monitor_silent", "monitoring-3");
  open("overdue", "b");
  EXPECT_THAT(ended(), ElementsAre("overdue b"));
  at.run("a", BatchStatus::completed);
  EXPECT_THAT(ended(), ElementsAre("failing a", "overdue b"));
  at.facts.view.replicas.pop_back();
  EXPECT_THAT(ended(), ElementsAre("failing a", "no_capacity ", "monitor_silent monitoring-3", "overdue b"));
}

TEST_F(MovedMonitor, KindThatThisVersionDoesNotKnowThenNotEnded) {
  open("clock_wrong", "host-1");
  EXPECT_THAT(ended(), IsEmpty());
}

// The owner's alert lasts until a run has shown more, also where that owner cannot end it any more.
TEST_F(MovedMonitor, StalledRunThenKeptUntilItIsCarriedToItsEnd) {
  at.facts.settings.jobs[0].limits.stall = 5s;
  at.facts.runs["a"].executions.clear();
  at.run("a", BatchStatus::started, EndedBy::itself, 1min).replica = "host-1";
  halted = {"a"};
  open("stalled", "a").text = "stalled: no progress for 5s";
  EXPECT_THAT(look(), ElementsAre("stalled a"));
  pass(1s);
  JobExecution& cancelled = at.facts.runs["a"].executions.front();
  cancelled.status = BatchStatus::failed;
  cancelled.ended = at.facts.view.now;
  EXPECT_THAT(look(), testing::Contains("stalled a")) << "it was cancelled";
  JobExecution again = cancelled;
  again.status = BatchStatus::started;
  again.started = at.facts.view.now;
  again.ended.reset();
  at.facts.runs["a"].executions.insert(at.facts.runs["a"].executions.begin(), again);
  EXPECT_THAT(look(), testing::Contains("stalled a"));
  EXPECT_EQ(monitor.health().at("a"), HealthState::stalled);
  at.facts.runs["a"].executions.front().status = BatchStatus::completed;
  at.facts.runs["a"].executions.front().ended = at.facts.view.now + 1s;
  EXPECT_THAT(ended(), ElementsAre("stalled a"));
}

TEST_F(MovedMonitor, StalledRunAndAPersonEndsItThenOver) {
  at.facts.settings.jobs[0].limits.stall = 5s;
  open("stalled", "a");
  at.facts.runs["a"].executions.clear();
  at.run("a", BatchStatus::stopped, EndedBy::person, 0s);
  EXPECT_THAT(ended(), ElementsAre("stalled a"));
}

// Another run: the one that stalled was carried to its end before.
TEST_F(MovedMonitor, StalledRunAndANewerOneThenOver) {
  at.facts.settings.jobs[0].limits.stall = 5s;
  open("stalled", "a");
  at.facts.runs["a"].executions.clear();
  at.run("a", BatchStatus::started, EndedBy::itself, -1s);
  EXPECT_THAT(ended(), ElementsAre("stalled a"));
}

}  // namespace
}  // namespace baton

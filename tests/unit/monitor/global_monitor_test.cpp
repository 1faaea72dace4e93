// What a global monitor finds: each state is produced, found after its bound exactly, and found no more once it heals.
#include "monitor/global_monitor.h"

#include "tests/unit/app/overview_situation.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Two jobs every 10 s, one live replica that owns both, which have just run. Grace 2 s; lease 20 s, heartbeat 5 s,
// refresh 1 s.
class Watched : public testing::Test {
 protected:
  Watched() {
    at.job("a", fixed_rate(10s)).job("b", fixed_rate(10s));
    for (ReplicaJob& job : at.facts.settings.jobs) job.grace = 2s;
    at.replica("host-1").started = at.now - 1h;
    for (const char* job : {"a", "b"}) {
      at.lease(job, "host-1");
      JobControl& control = at.control(job);
      control.phase = control.last_due = at.now - 2s;
      at.run(job, BatchStatus::completed, EndedBy::itself, 1'660ms);
    }
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
  pass(14s - 1ms);  // three heartbeats after its last beat, a second ago
  EXPECT_THAT(look(), IsEmpty());
  pass(1ms);
  EXPECT_THAT(look(), IsEmpty());
  pass(2s - 1ms);
  EXPECT_THAT(look(), IsEmpty());
  pass(1ms);
  EXPECT_THAT(look(), ElementsAre("replica_silent host-1"));
  EXPECT_THAT(texts.at(0), HasSubstr("2 of its locks are taken over by nobody"));
  at.replica("host-2").beat = at.facts.view.now;
  lease("a").owner_name = lease("b").owner_name = "host-2";
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(Watched, MoreJobsThanTokensThenNoCapacityAfterAWhile) {
  at.facts.view.replicas[0].tokens = 1;
  at.facts.settings.jobs[1].grace = 1h;
  lease("b").released = true;
  EXPECT_THAT(look(), IsEmpty());
  pass(17s - 1ms);
  EXPECT_THAT(look(), ElementsAre("unowned b"));
  pass(1ms);
  EXPECT_THAT(look(), ElementsAre("unowned b", "no_capacity"));
  EXPECT_EQ(texts.at(1), "no capacity (2 jobs, 1 live token)");
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

// The owner's alert lasts as long as the run, also where the owner cannot end it any more.
TEST_F(Watched, StalledRunThenKeptUntilItRunsNoMore) {
  Alert stalled;
  stalled.kind = "stalled";
  stalled.subject = "a";
  facts.open = {stalled};
  EXPECT_THAT(look(), IsEmpty());
  at.run("a", BatchStatus::started).replica = "host-1";
  EXPECT_THAT(look(), ElementsAre("stalled a"));
}

}  // namespace
}  // namespace baton

// A replica judges its own jobs without any monitor, agrees with the monitors, and leaves to others what is theirs.
#include "monitor/self_monitor.h"

#include "monitor/global_monitor.h"
#include "schedule/schedule.h"
#include "tests/unit/monitor/overview_situation.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace baton {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// Two jobs every 10 s, with a grace of 2 s, which have run 2 s ago; host-1 owns a, and host-2 owns b. The replica's own
// grace is 4 s.
class OwnJobs : public testing::Test {
 protected:
  OwnJobs() {
    at.job("a", fixed_rate(10s)).job("b", fixed_rate(10s));
    for (ReplicaJob& job : at.facts.settings.jobs) job.grace = 2s;
    at.facts.settings.id = "host-1";
    at.replica("host-1");
    at.replica("host-2");
    at.ran("a", "host-1");
    at.ran("b", "host-2");
  }

  void pass(Duration time) {
    now += time;
    at.facts.view.now += time;
    for (ReplicaRow& row : at.facts.view.replicas) row.beat += time;
  }
  std::vector<std::string> look() {
    SelfFacts facts{at.facts.settings};
    facts.open = open;
    facts.view = at.facts.view;
    facts.owned = owned;
    facts.leases_away = leases_away;
    facts.runs = at.facts.runs;
    std::vector<std::string> found;
    for (const FoundTrouble& finding : monitor.look(facts, now)) {
      found.push_back(std::string(name(finding.trouble)) + " " + finding.subject);
    }
    return found;
  }
  Alert alert(Trouble trouble, const std::string& subject) const {
    Alert alert;
    alert.kind = name(trouble);
    alert.subject = subject;
    alert.first_seen = alert.last_seen = at.facts.view.now;
    return alert;
  }
  // Of the last look.
  bool ends(Trouble trouble, const std::string& subject) const { return monitor.judges(alert(trouble, subject)); }

  Situation at;
  Instant now{1h};
  std::set<std::string> owned{"a"};
  std::vector<Alert> open;
  bool leases_away = false;
  SelfMonitor monitor{{4s, 24h}};
};

TEST_F(OwnJobs, ScheduleThatDoesNotFireThenItsOwnerFindsItAfterTheGraceExactly) {
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_THAT(monitor.health(), ElementsAre(testing::Pair("a", HealthState::on_time)));
  pass(10s);  // due 8 s from the beginning, and 2 s of grace
  EXPECT_THAT(look(), IsEmpty());
  pass(1ms);
  EXPECT_THAT(look(), ElementsAre("overdue a")) << "b is host-2's";
  EXPECT_THAT(monitor.health(), ElementsAre(testing::Pair("a", HealthState::late)));
}

// Host-1 starts `a` when it is due and not running; it and a monitor look each 500 ms at what the repository says then.
class LongRuns : public OwnJobs {
 protected:
  void go_on(Duration time, Duration length) {
    for (const Instant until = now + time; now < until; pass(500ms)) {
      run_or_end(length);
      look_and_note();
    }
  }

  std::vector<std::string> changes;  // of the alert "overdue a", and when

 private:
  JobExecution& newest() { return at.facts.runs.at("a").executions.front(); }

  void run_or_end(Duration length) {
    JobControl& control = at.facts.view.jobs.front();
    JobExecution& run = newest();
    const WallTime time = at.facts.view.now;
    if (is_running(run.status) && time - *run.started >= length) {
      run.status = BatchStatus::completed;
      run.ended = time;
    }
    if (is_running(run.status)) return;
    const auto due = next_due(at.facts.settings.jobs.front().schedule, "a",
                              {control.first_seen, control.phase, control.last_due, run.ended}, time);
    if (due->start_at > time) return;
    control.last_due = due->due;
    run.status = BatchStatus::started;
    run.started = time;
    run.ended.reset();
    run.missed = due->missed;
    run.replica = "host-1";
  }

  void look_and_note() {
    MonitorFacts facts;
    facts.open = open;
    std::vector<std::string> monitors;
    for (const FoundTrouble& one : global_.look(at.facts, facts, now)) {
      monitors.push_back(std::string(name(one.trouble)) + " " + one.subject);
    }
    const std::vector<std::string> found = look();
    EXPECT_EQ(monitors, found);
    const bool was_open = !open.empty();
    if (was_open == !found.empty()) return;
    open.clear();
    if (!was_open) open = {alert(Trouble::overdue, "a")};
    changes.push_back(fmt::format("{} at {}", was_open ? "ends" : "begins", (now - began_) / 1s));
  }

  const Instant began_ = now;
  GlobalMonitor global_{{"m1", 4s}};
};

TEST_F(LongRuns, EachTakesLongerThanItsRateThenOneAlertThatEndsOnceTheyAreInTime) {
  at.facts.runs.erase("b");
  at.facts.settings.jobs.pop_back();
  go_on(10min, 15s);
  EXPECT_THAT(changes, ElementsAre("begins at 20")) << "due after 18 s, while the run of the 8th second goes on";
  go_on(1min, 1s);
  EXPECT_THAT(changes, ElementsAre("begins at 20", "ends at 600"));
}

TEST_F(LongRuns, OneOfThemTakesLongerThenTheAlertEndsWithTheNext) {
  at.facts.runs.erase("b");
  at.facts.settings.jobs.pop_back();
  go_on(24s, 15s);
  go_on(1min, 3s);
  EXPECT_THAT(changes, ElementsAre("begins at 20", "ends at 26"));
}

TEST_F(OwnJobs, JobThatWasLateWhenItWasTakenThenItsNewOwnerHasTheGraceToRunIt) {
  owned.clear();
  EXPECT_THAT(look(), IsEmpty());
  pass(1h);
  owned = {"a"};
  EXPECT_THAT(look(), IsEmpty());
  pass(3'999ms);
  EXPECT_THAT(look(), IsEmpty());
  pass(1ms);
  EXPECT_THAT(look(), ElementsAre("overdue a"));
}

TEST_F(OwnJobs, JobWithAnOpenAlertIsTakenThenTheAlertLastsUntilItHeals) {
  pass(1h);
  open = {alert(Trouble::overdue, "a")};
  EXPECT_THAT(look(), ElementsAre("overdue a"));
  EXPECT_TRUE(ends(Trouble::overdue, "a")) << "once it is not found";
  EXPECT_FALSE(ends(Trouble::overdue, "b")) << "host-2 ends it, or a monitor";
  EXPECT_FALSE(ends(Trouble::unowned, "a")) << "only monitors look at locks";
  EXPECT_FALSE(ends(Trouble::replica_silent, "host-2"));
}

TEST_F(OwnJobs, TheConfigurationHasNoMonitorsAnyMoreThenWhatOnlyTheyFoundEnds) {
  monitor = SelfMonitor({4s, 24h, false});
  look();
  for (const Trouble only_theirs : {Trouble::no_capacity, Trouble::configurations_differ}) {
    EXPECT_TRUE(ends(only_theirs, "")) << name(only_theirs);
  }
  EXPECT_TRUE(ends(Trouble::replica_silent, "host-3"));
  EXPECT_TRUE(ends(Trouble::nobodys_execution, "b"));
  EXPECT_TRUE(ends(Trouble::monitor_silent, "monitoring-1"));
  EXPECT_TRUE(ends(Trouble::unowned, "a")) << "this replica owns it";
  EXPECT_TRUE(ends(Trouble::unowned, "gone"));
  EXPECT_FALSE(ends(Trouble::unowned, "b")) << "whoever owns it says so";
}

TEST_F(OwnJobs, NoMonitorsButWhileConfigurationsDifferThenAnothersMonitorsMayLook) {
  monitor = SelfMonitor({4s, 24h, false});
  at.facts.view.replicas[1].config_hash = "another";
  look();
  EXPECT_FALSE(ends(Trouble::no_capacity, ""));
  EXPECT_FALSE(ends(Trouble::monitor_silent, "monitoring-1"));
  EXPECT_FALSE(ends(Trouble::unowned, "a"));
}

TEST_F(OwnJobs, NoMonitorsAndTheLeaseStoreIsAwayThenNobodyKnowsOfAnOwner) {
  monitor = SelfMonitor({4s, 24h, false});
  leases_away = true;
  look();
  EXPECT_FALSE(ends(Trouble::unowned, "a"));
}

TEST_F(OwnJobs, FailingHeldBackAndPausedForLongThenFoundToo) {
  at.run("a", BatchStatus::failed);
  EXPECT_THAT(look(), ElementsAre("failing a"));
  at.facts.runs.at("a").executions.clear();
  for (int i = 0; i < 3; ++i) at.run("a", BatchStatus::failed, EndedBy::orphaned);
  EXPECT_THAT(look(), ElementsAre("held_back a"));
  at.facts.view.jobs[0].pause = Pause{"ada", "", at.facts.view.now - 25h, std::nullopt};
  EXPECT_THAT(look(), ElementsAre("paused_long a"));
}

TEST_F(OwnJobs, StalledThenItLastsWhileTheRunDoesAndEndsWithItsSuccess) {
  at.facts.settings.jobs[0].limits.stall = 5s;
  at.facts.runs.at("a").executions.clear();
  at.run("a", BatchStatus::started).replica = "host-1";
  EXPECT_THAT(look(), IsEmpty()) << "the replica itself begins it";
  open = {alert(Trouble::stalled, "a")};
  EXPECT_THAT(look(), ElementsAre("stalled a"));
  EXPECT_EQ(monitor.health().at("a"), HealthState::stalled);
  JobExecution& run = at.facts.runs.at("a").executions.front();
  run.status = BatchStatus::completed;
  run.ended = at.facts.view.now;
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_TRUE(ends(Trouble::stalled, "a"));
}

TEST_F(OwnJobs, LeaseStoreIsAwayThenEveryReplicaJudgesEveryJobAtOnce) {
  pass(1h);
  owned.clear();
  leases_away = true;
  EXPECT_THAT(look(), ElementsAre("overdue a", "overdue b"));
  EXPECT_TRUE(ends(Trouble::overdue, "b"));
}

TEST_F(OwnJobs, ConfigurationsDifferThenOnlyWhatIsHealedForAllIsEnded) {
  at.facts.view.replicas[1].config_hash = "former";
  pass(9s);  // late, and within this configuration's grace
  look();
  EXPECT_FALSE(ends(Trouble::overdue, "a"));
  EXPECT_TRUE(ends(Trouble::failing, "a"));
  EXPECT_FALSE(ends(Trouble::overdue, "of the others"));
  at.facts.view.replicas[1].beat -= 1h;  // and is gone
  look();
  EXPECT_TRUE(ends(Trouble::overdue, "a"));
  EXPECT_TRUE(ends(Trouble::overdue, "of the others")) << "nobody has that job any more";
}

TEST_F(OwnJobs, StoreThatSomebodyMissedThenOverOnceNobodyDidForThreeHeartbeats) {
  const Alert away = alert(Trouble::store_away, "leaseStore");
  look();
  EXPECT_FALSE(monitor.judges(away));
  pass(15s);
  look();
  EXPECT_FALSE(monitor.judges(away)) << "another replica may miss it still";
  pass(1ms);
  look();
  EXPECT_TRUE(monitor.judges(away));
}

// Whatever became of the jobs, owner and monitor say the same: neither ends what the other has found.
TEST_F(OwnJobs, AnyHistoryThenOwnerAndMonitorFindTheSame) {
  owned = {"a", "b"};
  for (LeaseRecord& lease : at.facts.leases) lease.owner_name = "host-1";
  for (const BatchStatus status : {BatchStatus::completed, BatchStatus::failed, BatchStatus::stopped,
                                   BatchStatus::started, BatchStatus::abandoned}) {
    for (const EndedBy by : {EndedBy::itself, EndedBy::person, EndedBy::shutdown, EndedBy::orphaned}) {
      for (const char* replica : {"host-1", "host-2", "gone"}) {
        monitor = SelfMonitor({4s, 24h});
        at.facts.runs.at("a").executions.clear();
        for (int i = 0; i < 3; ++i) at.run("a", status, by).replica = replica;
        pass(1h);
        look();  // a lock that it has had for long
        GlobalMonitor global({"m1", 4s});
        global.look(at.facts, {}, now);
        pass(4s);
        std::vector<std::string> found;
        for (const FoundTrouble& one : global.look(at.facts, {}, now)) {
          found.push_back(std::string(name(one.trouble)) + " " + one.subject);
        }
        EXPECT_THAT(look(), testing::UnorderedElementsAreArray(found))
            << name(status) << " " << name(by) << " " << replica;
        EXPECT_EQ(monitor.health(), global.health()) << name(status) << " " << name(by) << " " << replica;
      }
    }
  }
}

}  // namespace
}  // namespace baton

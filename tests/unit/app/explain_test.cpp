#include "app/explain.h"

#include "tests/unit/monitor/overview_situation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Key;
using testing::Not;
using testing::Pair;

const std::string me = "host-1a2b3c4d";
const std::string other = "host-5e6f7a8b";

std::string sentence(const Situation& at, const std::string& job = "vendors") {
  const Overview overview = at.overview();
  return explain(overview, *overview.job(job)).sentence;
}

std::vector<std::pair<std::string, std::string>> evidence(const Situation& at) {
  const Overview overview = at.overview();
  return explain(overview, *overview.job("vendors")).evidence;
}

// A replica that owns the job, which ran once and is known.
Situation owned(Schedule schedule = fixed_delay(Duration(5'000)), int restarts = 0) {
  Situation at;
  at.job("vendors", std::move(schedule), restarts);
  at.replica(me);
  at.lease("vendors", me);
  at.control("vendors");
  return at;
}

TEST(Explain, AnIdleJobNamesItsOwnerAndItsNextRun) {
  Situation at = owned();
  at.run("vendors", BatchStatus::completed);
  EXPECT_EQ(sentence(at),
            "vendors is idle: replica host-1a2b3c4d owns it; next run in 3 s (fixed_delay 5s after the last end).");
}

TEST(Explain, AManualJobSaysWhatItWaitsFor) {
  Situation at = owned({});
  EXPECT_EQ(sentence(at), "vendors is idle: replica host-1a2b3c4d owns it; it waits for baton trigger.");
}

TEST(Explain, ARunningJobTellsItsStepItsCountsAndWhatFollows) {
  Situation at = owned();
  JobExecution& run = at.run("vendors", BatchStatus::started, EndedBy::itself, Duration(12'000));
  run.replica = me;
  StepCounts counts;
  counts.read = 12'000;
  counts.write = 11'000;
  run.steps.push_back(running_step("load", counts));
  EXPECT_EQ(sentence(at),
            "vendors is running load for 12 s: 12000 read, 11000 written: replica host-1a2b3c4d owns it; the next run "
            "follows it (fixed_delay 5s).");
  at.facts.view.jobs[0].stop_instance = run.instance_id;
  EXPECT_THAT(sentence(at), HasSubstr("vendors is stopping load"));
  EXPECT_THAT(sentence(at), HasSubstr("as a person asked"));
}

TEST(Explain, P21NoCapacitySaysWhatToDo) {
  Situation at;
  at.job("vendors").job("b").job("c").job("d");
  at.replica(me);
  at.lease("b", me);
  at.lease("c", me);
  at.control("vendors");
  EXPECT_EQ(sentence(at),
            "vendors has no owner: no capacity (4 jobs, 2 live tokens): add a replica, or raise replica.tokens.");
  EXPECT_THAT(evidence(at), Contains(Pair("capacity", "4 jobs; 1 live replica with 2 tokens")));
  EXPECT_THAT(evidence(at), Contains(Pair("lease", "no record")));
}

TEST(Explain, P21ASilentOwnerIsNamedInTheEvidence) {
  Situation at;
  at.job("vendors");
  at.replica(me);
  at.replica(other, Duration(17'000));
  at.lease("vendors", other);
  at.control("vendors");
  at.run("vendors", BatchStatus::started).replica = other;
  EXPECT_THAT(sentence(at), HasSubstr("vendors has no live owner: held by a silent owner until about 12:00:"));
  EXPECT_THAT(sentence(at), HasSubstr("its unfinished run is carried on then"));
  EXPECT_THAT(evidence(at), Contains(Pair("lease", "held by host-5e6f7a8b for 20s at a time")));
  EXPECT_THAT(evidence(at), Contains(Pair("owner", HasSubstr("pid 4711, silent, beat 17 s ago"))));
}

TEST(Explain, AJobThatWasNeverSeenSaysHowToBegin) {
  Situation at;
  at.job("vendors");
  at.facts.repository_there = false;
  EXPECT_EQ(sentence(at),
            "vendors was never seen by a replica: start one with baton run, or run it once with baton run --once "
            "vendors.");
  EXPECT_THAT(evidence(at), Contains(Pair("last execution", "none")));
}

TEST(Explain, AJobThatARunLeftFreeNeedsAReplica) {
  Situation at;
  at.job("vendors");
  at.control("vendors");
  at.run("vendors", BatchStatus::completed);
  at.lease("vendors", other).released = true;
  EXPECT_THAT(sentence(at), testing::StartsWith("vendors has no owner: "));
  EXPECT_THAT(sentence(at), HasSubstr("start one with baton run"));
  EXPECT_THAT(evidence(at), Contains(Pair("lease", "released; host-5e6f7a8b had it last")));
}

TEST(Explain, AllLiveReplicasHaveAnotherConfigurationThenItSaysSo) {
  Situation at;
  at.job("vendors");
  at.control("vendors");
  at.replica("host-1").config_hash = "another";
  EXPECT_EQ(sentence(at),
            "vendors has no owner: the live replicas have another configuration: start one with this one, or ask with "
            "theirs.");
}

TEST(Explain, P23APausedJobSaysByWhomWhyAndWhatEndsIt) {
  Situation at = owned();
  at.facts.view.jobs[0].pause = Pause{"anna", "month end", at.now - Duration(90'000), std::nullopt};
  EXPECT_EQ(sentence(at),
            "vendors is paused by anna: month end; replica host-1a2b3c4d owns it; baton resume vendors ends that.");
  EXPECT_THAT(evidence(at), Contains(Pair("pause", "by anna 1 min 30 s ago: month end")));
}

TEST(Explain, P10DeathsWithoutProgressHoldItBackForAPerson) {
  Situation at = owned();
  for (int i = 0; i < 3; ++i) at.run("vendors", BatchStatus::failed, EndedBy::orphaned);
  EXPECT_THAT(sentence(at), testing::StartsWith("vendors is held back: "));
  EXPECT_THAT(sentence(at), HasSubstr("3 times in a row"));
  EXPECT_THAT(sentence(at), HasSubstr("baton restart vendors, or baton abandon vendors"));
}

TEST(Explain, P10AFailedRunRestartsOrWaitsForItsDueTime) {
  Situation at = owned(fixed_delay(Duration(60'000)), 2);
  at.run("vendors", BatchStatus::failed).exit.description = "no space";
  EXPECT_EQ(sentence(at), "vendors failed and restarts in 3 s (restart 1 of 2): replica host-1a2b3c4d owns it.");
  EXPECT_THAT(evidence(at), Contains(Pair("last execution", HasSubstr("no space"))));
  for (int i = 0; i < 2; ++i) at.run("vendors", BatchStatus::failed).reason = StartReason::restart;
  EXPECT_EQ(sentence(at),
            "vendors failed, and its 2 restarts are used up: its run is carried on in 58 s (fixed_delay 1m), or at "
            "once by baton restart vendors; baton abandon vendors gives it up; replica host-1a2b3c4d owns it.");
}

TEST(Explain, HowTheLastExecutionEndedIsSaidInWords) {
  Situation at = owned();
  const auto ended = [&](BatchStatus status, EndedBy by) {
    at.run("vendors", status, by, Duration(11'000));
    return evidence(at);
  };
  EXPECT_THAT(ended(BatchStatus::failed, EndedBy::orphaned),
              Contains(Pair("last execution", HasSubstr(", closed 11 s ago, as its process had died"))));
  EXPECT_THAT(ended(BatchStatus::stopped, EndedBy::person),
              Contains(Pair("last execution", HasSubstr(", ended 11 s ago by a person"))));
  EXPECT_THAT(ended(BatchStatus::stopped, EndedBy::shutdown),
              Contains(Pair("last execution", HasSubstr(", ended 11 s ago by a shutdown or a hand-over"))));
  EXPECT_THAT(ended(BatchStatus::completed, EndedBy::itself),
              Contains(Pair("last execution", HasSubstr(", ended 11 s ago; 0 read"))));
}

TEST(Explain, ADueTimeHasItsDateWhereItIsNotToday) {
  Situation at = owned(fixed_delay(std::chrono::hours(1)));
  at.run("vendors", BatchStatus::completed);
  EXPECT_THAT(evidence(at), Contains(Pair("next due", "12:59:58Z")));
  Situation later = owned(fixed_delay(std::chrono::hours(12) + Duration(2'000)));
  later.run("vendors", BatchStatus::completed);
  EXPECT_THAT(evidence(later), Contains(Pair("next due", "2026-11-23 00:00:00Z")));
}

TEST(Explain, P10ARunThatAPersonStoppedWaits) {
  Situation at = owned({});
  at.run("vendors", BatchStatus::stopped, EndedBy::person);
  EXPECT_EQ(sentence(at),
            "vendors was stopped by a person: its run is carried on by baton restart vendors; baton abandon vendors "
            "gives it up; replica host-1a2b3c4d owns it.");
}

TEST(Explain, P10ARunThatAShutdownStoppedIsCarriedOn) {
  Situation at = owned();
  at.run("vendors", BatchStatus::stopped, EndedBy::shutdown);
  EXPECT_EQ(sentence(at),
            "vendors is about to be carried on: replica host-1a2b3c4d owns it; its last run was left unfinished by a "
            "shutdown.");
}

TEST(Explain, P18APendingRequestNamesTheAsker) {
  Situation at = owned({});
  JobRequest request;
  request.by = "anna";
  request.at = at.now - Duration(2'000);
  at.facts.view.jobs[0].request = request;
  EXPECT_EQ(sentence(at), "vendors is about to start: replica host-1a2b3c4d owns it; anna asked for it 2 s ago (run).");
  EXPECT_THAT(evidence(at), Contains(Pair("request", "run by anna 2 s ago")));
}

TEST(Explain, P17MissedDueTimesAreCounted) {
  Situation at = owned(fixed_rate(Duration(60'000)));
  at.run("vendors", BatchStatus::completed, EndedBy::itself, Duration(240'000));
  at.facts.view.jobs[0].phase = at.facts.view.jobs[0].last_due = at.now - Duration(241'000);
  EXPECT_EQ(sentence(at),
            "vendors is due: replica host-1a2b3c4d owns it; next run now (fixed_rate 1m); 3 due times passed without a "
            "run.");
  EXPECT_THAT(evidence(at), Contains(Pair("missed", "3 due times")));
}

TEST(Explain, AnOwnerThatIsNoReplicaIsSaidToBeNone) {
  Situation at;
  at.job("vendors");
  at.lease("vendors", other);
  EXPECT_THAT(sentence(at), HasSubstr("host-5e6f7a8b holds it, which is no replica"));
  EXPECT_THAT(evidence(at), Contains(Pair("owner", "has no row among the replicas")));
}

TEST(Explain, WithoutTheLeasesItSaysThatOwnersAreNotKnown) {
  Situation at = owned();
  at.facts.leases.clear();
  at.facts.leases_away = Error{ErrorKind::retry, "the table does not answer"};
  at.run("vendors", BatchStatus::completed);
  EXPECT_EQ(sentence(at),
            "vendors is idle: who owns it is not known; next run in 3 s (fixed_delay 5s after the last end).");
  EXPECT_THAT(evidence(at), Contains(Pair("lease", "cannot be read now")));
  at.run("vendors", BatchStatus::started).replica = other;
  at.replica(other, Duration(60'000));
  EXPECT_EQ(sentence(at),
            "vendors may run or not: " + other + " ran it, and is silent, and the leases cannot be read.");
}

TEST(Explain, AJobThatOnlyALeaseTellsOfIsNotOfThisConfiguration) {
  Situation at;
  at.job("a");
  at.replica(me);
  at.lease("vendors", me);
  EXPECT_EQ(sentence(at), "vendors is not in this configuration: replica host-1a2b3c4d owns it.");
  EXPECT_THAT(evidence(at), Not(Contains(Key("schedule"))));
}

}  // namespace
}  // namespace baton

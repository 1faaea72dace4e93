#include "monitor/overview.h"

#include "app/overview_text.h"
#include "tests/unit/monitor/overview_situation.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using Kind = OwnershipReason::Kind;

// Longer than three heartbeats, but not yet a heartbeat and a lease.
constexpr Duration long_ago(17'000);

TEST(Overview, AnOwnerWithFreshBeatsIsLiveAndOneWithoutIsSilent) {
  Situation at;
  at.job("a").job("b").job("c");
  at.replica("host-11111111");
  at.replica("host-22222222", long_ago);
  at.lease("a", "host-11111111");
  at.lease("b", "host-22222222");
  at.lease("c", "host-33333333");
  EXPECT_EQ(at.look("a").owner_state, OwnerState::live);
  EXPECT_EQ(at.look("a").state, JobState::idle);
  EXPECT_EQ(at.look("b").owner_state, OwnerState::silent);
  EXPECT_EQ(at.look("b").state, JobState::unowned);
  EXPECT_EQ(at.look("c").owner_state, OwnerState::foreign);
  EXPECT_EQ(at.overview().live_replicas, 1);
  EXPECT_EQ(at.overview().live_tokens, 2);
}

TEST(Overview, AReleasedLeaseHasNoOwner) {
  Situation at;
  at.job("a");
  at.replica("host-11111111");
  at.lease("a", "host-11111111").released = true;
  const JobOverview job = at.look("a");
  EXPECT_EQ(job.owner(), "");
  EXPECT_EQ(job.owner_state, OwnerState::none);
  EXPECT_EQ(job.state, JobState::unowned);
}

TEST(Overview, P21MoreJobsThanLiveTokensIsNoCapacity) {
  Situation at;
  at.job("a").job("b").job("c").job("d");
  at.replica("host-11111111");
  at.lease("a", "host-11111111");
  at.lease("b", "host-11111111");
  at.lease("c", "host-22222222").released = true;
  const JobOverview job = at.look("d");
  EXPECT_EQ(job.ownership.kind, Kind::no_capacity);
  EXPECT_EQ(job.reason, "no capacity (4 jobs, 2 live tokens)");
  EXPECT_EQ(at.look("c").reason, job.reason);
}

TEST(Overview, ALeaseThatWasWatchedWithoutARenewalIsNobodysHoweverItsReplicaBeats) {
  Situation at;
  at.job("a").job("b").job("c");
  at.replica("host-11111111").tokens = 3;
  at.replica("host-22222222", long_ago);
  at.lease("a", "host-11111111");
  at.lease("b", "host-22222222");
  at.lease("c", "killed-once");
  at.facts.expired = {"a", "b", "c"};
  EXPECT_EQ(at.look("a").owner_state, OwnerState::none);
  EXPECT_THAT(at.look("a").reason, testing::HasSubstr("its owner lives, but does not renew it"));
  EXPECT_EQ(at.look("b").owner_state, OwnerState::none);
  EXPECT_EQ(at.look("c").owner_state, OwnerState::none);
}

TEST(Overview, AnOpenExecutionRunsOnlyIfItsOwnerLives) {
  Situation at;
  at.job("a").job("b");
  at.replica("host-11111111");
  at.replica("host-22222222", long_ago);
  at.lease("a", "host-11111111");
  at.lease("b", "host-22222222");
  at.run("a", BatchStatus::started).replica = "host-11111111";
  at.run("b", BatchStatus::started).replica = "host-22222222";
  EXPECT_EQ(at.look("a").state, JobState::running);
  EXPECT_EQ(at.look("b").state, JobState::unowned);
  const Overview overview = at.overview();
  EXPECT_EQ(overview.replicas[0].running, 1);
  EXPECT_EQ(overview.replicas[1].running, 0);
}

TEST(Overview, WhatAnotherOwnerLeftOpenIsBeingTakenOver) {
  Situation at;
  at.job("a");
  at.replica("host-11111111");
  at.lease("a", "host-11111111");
  at.run("a", BatchStatus::started).replica = "host-22222222";
  EXPECT_EQ(at.look("a").state, JobState::taking_over);
}

TEST(Overview, AnExecutionOfJavasRunsUnderWhoeverHoldsTheLease) {
  Situation at;
  at.job("a");
  at.lease("a", "java-owner");
  at.run("a", BatchStatus::started).replica = "";
  EXPECT_EQ(at.look("a").state, JobState::running);
  EXPECT_EQ(at.look("a").owner_state, OwnerState::foreign);
}

TEST(Overview, AStopThatAPersonAskedForIsSeenBeforeTheRunSeesIt) {
  Situation at;
  at.job("a");
  at.replica("host-11111111");
  at.lease("a", "host-11111111");
  at.run("a", BatchStatus::started).replica = "host-11111111";
  at.control("a").stop_instance = 3;
  EXPECT_EQ(at.look("a").state, JobState::stopping);
  at.facts.view.jobs[0].stop_instance = 2;  // of an earlier run
  EXPECT_EQ(at.look("a").state, JobState::running);
}

TEST(Overview, P23APauseIsShownOnceTheRunHasEndedAndUntilItIsOver) {
  Situation at;
  at.job("a");
  at.replica("host-11111111");
  at.lease("a", "host-11111111");
  at.control("a").pause = Pause{"anna", "month end", at.now - Duration(1'000), at.now + Duration(60'000)};
  EXPECT_EQ(at.look("a").state, JobState::paused);
  EXPECT_EQ(at.look("a").reason, "paused by anna: month end, until 12:01:00Z");
  EXPECT_FALSE(at.look("a").next.at);
  at.run("a", BatchStatus::started).replica = "host-11111111";
  EXPECT_EQ(at.look("a").state, JobState::running);
  EXPECT_FALSE(at.look("a").after_this_run);
  at.facts.runs.clear();
  at.facts.view.now += Duration(60'000);
  at.facts.view.replicas[0].beat = at.facts.view.now;
  EXPECT_EQ(at.look("a").state, JobState::idle);
}

TEST(Overview, P10ThreeOrphansWithoutProgressHoldAJobBack) {
  Situation at;
  at.job("a", fixed_delay(Duration(5'000)));
  at.replica("host-11111111");
  at.lease("a", "host-11111111");
  for (int i = 0; i < 3; ++i) {
    EXPECT_NE(at.look("a").state, JobState::held_back);
    at.run("a", BatchStatus::failed, EndedBy::orphaned);
  }
  EXPECT_EQ(at.look("a").state, JobState::held_back);
  EXPECT_FALSE(at.look("a").next.at);
}

TEST(Overview, P10AFailedRunIsNotIdleButSaysWhatItWaitsFor) {
  Situation at;
  at.job("restarts", fixed_delay(std::chrono::hours(1)), 1);
  at.job("used_up", fixed_delay(std::chrono::hours(1)));
  at.job("manual");
  at.job("ended_by_hand");
  at.replica("host-1a2b3c4d", Duration(1'000), 4);
  for (const char* job : {"restarts", "used_up", "manual", "ended_by_hand"}) {
    at.lease(job, "host-1a2b3c4d");
    at.control(job);
    const bool stopped = job == std::string("ended_by_hand");
    at.run(job, stopped ? BatchStatus::stopped : BatchStatus::failed, stopped ? EndedBy::person : EndedBy::itself,
           Duration(1'000));
  }
  EXPECT_EQ(at.look("restarts").state, JobState::failed);
  EXPECT_EQ(at.look("restarts").reason, "restarts at 12:00:04Z");
  EXPECT_EQ(state_text(at.look("restarts"), at.now), "failed: restarts in 4 s");
  EXPECT_EQ(state_text(at.look("used_up"), at.now), "failed: carried on at its next due time");
  EXPECT_EQ(state_text(at.look("manual"), at.now), "failed: waits for restart, trigger or abandon");
  EXPECT_EQ(state_text(at.look("ended_by_hand"), at.now), "stopped: waits for restart, trigger or abandon");
  EXPECT_EQ(overview_lines(at.overview(), at.now, false)[0],
            "1 live replica with 4 tokens; 4 jobs: 3 failed, 1 stopped");

  at.facts.view.jobs[2].request = JobRequest();
  EXPECT_EQ(at.look("manual").state, JobState::idle) << "it is about to start";
}

TEST(Overview, P23APausedJobShowsAPendingRequest) {
  Situation at;
  at.job("a");
  at.replica("host-1a2b3c4d");
  at.lease("a", "host-1a2b3c4d");
  JobControl& control = at.control("a");
  control.pause = Pause{"anna", "", at.now, std::nullopt};
  EXPECT_EQ(next_text(at.look("a"), at.now), "-");
  control.request = JobRequest();
  EXPECT_EQ(next_text(at.look("a"), at.now), "once resumed (request: run)");
  control.pause->until = at.now + Duration(3'000);
  EXPECT_EQ(next_text(at.look("a"), at.now), "in 3 s (the pause ends; request: run)");
}

TEST(Overview, P21AnExpiredLeaseWithAFreeReplicaSaysThatItIsWatched) {
  Situation at;
  at.job("a");
  at.replica("host-1a2b3c4d", Duration(60'000));
  at.replica("host-5e6f7a8b");
  at.lease("a", "host-1a2b3c4d");
  const char* watched = "its owner is silent: a replica takes it when it has watched the lease for 20s";
  EXPECT_EQ(at.look("a").reason, watched);
  at.facts.expired.insert("a");
  EXPECT_EQ(at.look("a").reason, watched) << "the one who looks is not the one who takes it";
}

TEST(Overview, WhileAJobRunsItsNextStartFollowsTheRunOrIsADueTime) {
  Situation at;
  at.job("delay", fixed_delay(Duration(5'000))).job("rate", fixed_rate(Duration(60'000))).job("manual");
  at.replica("host-11111111", Duration(1'000), 3);
  for (const char* job : {"delay", "rate", "manual"}) {
    at.lease(job, "host-11111111");
    at.run(job, BatchStatus::started).replica = "host-11111111";
    at.control(job).phase = at.now - Duration(10'000);
    at.facts.view.jobs.back().last_due = at.now - Duration(10'000);
  }
  EXPECT_TRUE(at.look("delay").after_this_run);
  EXPECT_FALSE(at.look("delay").next.at);
  EXPECT_FALSE(at.look("rate").after_this_run);
  EXPECT_EQ(at.look("rate").next.at, at.now + Duration(50'000));
  EXPECT_FALSE(at.look("manual").after_this_run);
  EXPECT_FALSE(at.look("manual").next.at);

  JobRequest request;
  request.by = "anna";
  at.facts.view.jobs[2].request = request;
  EXPECT_TRUE(at.look("manual").after_this_run);
  EXPECT_EQ(at.look("manual").next.order.reason, StartReason::request);
}

TEST(Overview, TheLastRunOfARunningJobIsTheOneBefore) {
  Situation at;
  at.job("a");
  at.replica("host-11111111");
  at.lease("a", "host-11111111");
  at.run("a", BatchStatus::started).replica = "host-11111111";
  EXPECT_FALSE(at.look("a").ended);
  JobExecution before;
  before.id = 5;
  before.status = BatchStatus::completed;
  at.facts.ended.emplace("a", before);
  EXPECT_EQ(at.look("a").ended->id, 5);
  EXPECT_EQ(at.look("a").newest->id, 10);
}

TEST(Overview, P19LeasesOfJobsThatAreInNoConfigurationAreShownAfterTheConfigurations) {
  Situation at;
  at.lease("removed", "host-22222222");
  at.lease("gone", "host-22222222").released = true;
  at.job("a");
  const Overview overview = at.overview();
  ASSERT_EQ(overview.jobs.size(), 2U);
  EXPECT_EQ(overview.jobs[0].job, "a");
  EXPECT_EQ(overview.jobs[1].job, "removed");
  EXPECT_FALSE(overview.jobs[1].configured);
  EXPECT_EQ(overview.configured_jobs, 1);
}

TEST(Overview, P19HashesOfLiveReplicasThatDifferAreARollingUpdate) {
  Situation at;
  at.job("a");
  at.replica("host-11111111");
  EXPECT_FALSE(at.overview().configurations_differ);
  at.replica("host-22222222", long_ago).config_hash = "h0";
  EXPECT_FALSE(at.overview().configurations_differ) << "the silent one says nothing";
  at.replica("host-33333333").config_hash = "h2";
  EXPECT_TRUE(at.overview().configurations_differ);
  EXPECT_TRUE(at.overview().replicas[0].same_configuration);
  EXPECT_FALSE(at.overview().replicas[2].same_configuration);
}

TEST(Overview, WithoutTheLeasesOwnersAreUnknownAndTheRestIsWhatTheRepositorySays) {
  Situation at;
  at.job("runs").job("ran").job("foreign").job("failed").job("paused").job("new");
  at.replica("host-11111111").owned = 4;
  at.replica("host-22222222", long_ago);
  at.run("runs", BatchStatus::started).replica = "host-11111111";
  at.run("ran", BatchStatus::started).replica = "host-22222222";
  at.run("foreign", BatchStatus::started).replica = "once-33333333";
  at.run("failed", BatchStatus::failed);
  JobControl& paused = at.control("paused");
  paused.pause = Pause{"ann", "", at.now, std::nullopt};
  at.facts.leases_away = Error{ErrorKind::retry, "the table does not answer"};
  at.facts.monitors = {"monitor-1"};
  const Overview overview = at.overview();
  for (const JobOverview& job : overview.jobs) {
    EXPECT_EQ(job.owner_state, OwnerState::unknown) << job.job;
    EXPECT_EQ(job.owner(), "") << job.job;
  }
  EXPECT_EQ(overview.job("runs")->state, JobState::running);
  EXPECT_EQ(overview.job("ran")->state, JobState::unknown);
  EXPECT_EQ(overview.job("ran")->reason, "host-22222222 ran it, and is silent");
  EXPECT_EQ(overview.job("foreign")->state, JobState::running);
  EXPECT_EQ(overview.job("failed")->state, JobState::failed);
  EXPECT_EQ(overview.job("paused")->state, JobState::paused);
  EXPECT_EQ(overview.job("new")->state, JobState::idle);
  EXPECT_EQ(overview.replicas[0].owned, 4) << "as of its last beat";
  EXPECT_EQ(overview.replicas[0].running, 1);
  const auto lines = overview_lines(overview, at.now, false);
  EXPECT_THAT(lines, testing::Contains("the table does not answer"));
  EXPECT_THAT(lines, testing::Contains("monitors: monitor-1 (unknown)"));
  EXPECT_THAT(lines, testing::Contains(testing::ContainsRegex("^ran +unknown +unknown: host-22222222 ran it")));
}

TEST(Overview, WithoutARepositoryEveryJobIsUnowned) {
  Situation at;
  at.job("a").job("b");
  at.facts.repository_there = false;
  const Overview overview = at.overview();
  EXPECT_FALSE(overview.repository_there);
  for (const JobOverview& job : overview.jobs) {
    EXPECT_EQ(job.state, JobState::unowned);
    EXPECT_EQ(job.ownership.kind, Kind::no_live_replica);
  }
}

}  // namespace
}  // namespace baton

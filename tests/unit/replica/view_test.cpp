// What a replica shows to whoever watches it.
#include "tests/unit/replica/scripted_replica.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::SizeIs;

JobView job_of(const ScriptedReplica& replica, const std::string& name) {
  for (const JobView& job : replica.core.view(replica.now).jobs) {
    if (job.job == name) return job;
  }
  ADD_FAILURE() << "no job " << name;
  return {};
}

class ReplicaViews : public testing::Test {
 protected:
  ReplicaView view() const { return replica_.core.view(replica_.now); }
  JobView job(const std::string& name) const { return job_of(replica_, name); }
  void end_run(Result<RunOutcome> outcome) { replica_.on(RunEnded{"a", std::move(outcome)}); }

  ScriptedReplica replica_{settings_of(1, {job_every("a", Duration(60'000)), manual_job("b")})};
};

TEST_F(ReplicaViews, NothingHappenedYetThenZerosAndNotReady) {
  EXPECT_THAT(view().jobs, SizeIs(2));
  EXPECT_EQ(view().tokens_used, 0);
  EXPECT_EQ(view().leases_held, 0);
  EXPECT_FALSE(view().least_trust_left);
  EXPECT_FALSE(replica_.core.pulse().ready());
  EXPECT_FALSE(job("a").unowned) << "not known yet";
}

TEST_F(ReplicaViews, OneTokenForTwoJobsThenOneIsOwnedAndTheOtherNobodys) {
  replica_.replica("other", 3).config_hash = "another";
  replica_.own_all();
  replica_.pass(seconds(10));
  EXPECT_TRUE(replica_.core.pulse().ready());
  EXPECT_EQ(view().tokens_used, 1);
  EXPECT_EQ(view().leases_held, 1);
  EXPECT_EQ(view().live_tokens, 1);
  EXPECT_EQ(view().jobs_to_own, 2);
  EXPECT_NE(job("a").owned, job("b").owned);
  EXPECT_EQ(job("a").unowned, job("b").owned);
  EXPECT_EQ(job("a").counts.acquisitions + job("b").counts.acquisitions, 1U);
}

TEST_F(ReplicaViews, LeasesAreRenewedThenCountLatencyAndTrust) {
  replica_.own_all();
  const std::uint64_t before = view().renewals.done;
  replica_.answers_alone = false;
  replica_.pass(seconds(5));
  replica_.take<ListLeases>();
  const RenewLeases batch = replica_.one<RenewLeases>();
  replica_.now += Duration(40);
  replica_.on(LeasesRenewed{{batch.renewals.front().key}, {Status{}}});
  EXPECT_EQ(view().renewals.done, before + 1);
  EXPECT_EQ(view().renewals.latency.longest(replica_.now), Duration(40));
  EXPECT_GT(view().least_trust_left, Duration(0));
  EXPECT_LT(view().least_trust_left, Duration(20'000) - Duration(40));
}

TEST_F(ReplicaViews, ARenewalFailsThenItCountsAsFailed) {
  replica_.own_all();
  replica_.store_is_full = true;
  replica_.pass(seconds(6));
  EXPECT_GT(view().renewals.failed, 0U);
}

class ViewsOfOne : public testing::Test {
 protected:
  JobView job() const { return job_of(replica_, "a"); }

  ScriptedReplica replica_{settings_of(1, {job_every("a", Duration(60'000))})};
};

TEST_F(ViewsOfOne, ItNeverRanThenItSaysSoAndRunsAtOnce) {
  replica_.own_all();
  replica_.one<StartRun>();
  EXPECT_TRUE(job().never_succeeded);
  EXPECT_FALSE(job().last_success);
  EXPECT_EQ(job().running_since, replica_.now);
  EXPECT_EQ(job().first_seen, noon);
}

TEST_F(ViewsOfOne, ARunCompletesThenItsSuccessAndTheNextStart) {
  replica_.own_all();
  replica_.one<StartRun>();
  replica_.pass(seconds(2));
  const WallTime ended = replica_.repository_now();
  replica_.on(RunEnded{"a", launched(completed(1, ended))});
  EXPECT_EQ(job().last_success, ended);
  EXPECT_FALSE(job().never_succeeded);
  EXPECT_FALSE(job().running_since);
  EXPECT_EQ(job().next_start, ended + seconds(60));
}

TEST_F(ViewsOfOne, ARunFailsThenTheSuccessBeforeItStays) {
  replica_.own_all({{"a", completed(1, noon - seconds(30))}});
  replica_.pass(seconds(30));
  replica_.one<StartRun>();
  replica_.on(
      RunEnded{"a", launched(unfinished_run(BatchStatus::failed, EndedBy::itself, replica_.repository_now(), 1))});
  EXPECT_EQ(job().last_success, noon - seconds(30));
}

TEST_F(ViewsOfOne, ItOnlyEverFailedThenItNeverSucceeded) {
  LastRun last = unfinished_run(BatchStatus::failed, EndedBy::itself, noon, 1);
  last.never_completed = true;
  replica_.own_all({{"a", last}});
  EXPECT_TRUE(job().never_succeeded);
  EXPECT_FALSE(job().last_success);
}

TEST_F(ViewsOfOne, ItFailedAfterASuccessOfAnotherOwnerThenThatSuccess) {
  LastRun last = unfinished_run(BatchStatus::failed, EndedBy::itself, noon, 1);
  last.completed_before = noon - seconds(90);
  replica_.own_all({{"a", last}});
  EXPECT_FALSE(job().never_succeeded);
  EXPECT_EQ(job().last_success, noon - seconds(90));
}

TEST_F(ViewsOfOne, NobodyLookedForASuccessThenNothingIsKnown) {
  replica_.own_all({{"a", unfinished_run(BatchStatus::failed, EndedBy::itself, noon, 1)}});
  EXPECT_FALSE(job().never_succeeded);
  EXPECT_FALSE(job().last_success);
}

TEST_F(ViewsOfOne, AStartThatIsLateThenItsLatenessCounts) {
  replica_.own_all({{"a", completed(1, noon - seconds(63))}});
  replica_.one<StartRun>();
  EXPECT_EQ(job().counts.lateness.count(), 1U);
  EXPECT_EQ(job().counts.lateness.sum(), seconds(3));
}

TEST_F(ViewsOfOne, TheFenceRefusesACommitThenItCounts) {
  replica_.own_all();
  replica_.one<StartRun>();
  replica_.on(RunEnded{"a", fail(ErrorKind::lease_lost, "the fence is 7, mine is 6")});
  EXPECT_EQ(job().counts.refused, 1U);
}

TEST_F(ViewsOfOne, TheLeaseIsLostWhileItRunsThenThatCounts) {
  replica_.own_all();
  replica_.one<StartRun>();
  replica_.held_by("other", "a", "v9");
  replica_.pass(seconds(6));
  EXPECT_EQ(job().counts.losses_running, 1U);
  EXPECT_EQ(job().counts.losses_idle, 0U);
}

TEST_F(ViewsOfOne, ItIsReleasedAtTheEndThenNoLeaseIsLostAndItIsNotReady) {
  replica_.own_all({{"a", completed(1, noon)}});
  replica_.on(ShutdownAsked{});
  EXPECT_FALSE(replica_.core.pulse().ready());
  replica_.answer_stores();
  EXPECT_EQ(job().counts.losses_idle, 0U);
  EXPECT_FALSE(job().owned);
}

TEST_F(ViewsOfOne, APersonPausesItThenSinceWhen) {
  replica_.control("a").pause = Pause{"me", "why", noon - seconds(5), std::nullopt};
  replica_.own_all();
  EXPECT_EQ(job().paused_since, noon - seconds(5));
}

TEST_F(ViewsOfOne, AStoreFailsThenItIsNotReadyUntilItAnswers) {
  replica_.own_all({{"a", completed(1, noon)}});
  ASSERT_TRUE(replica_.core.pulse().ready());
  replica_.repository_answers = false;
  replica_.answers_alone = false;
  replica_.pass(seconds(1));
  replica_.take<LookAtRepository>();
  replica_.on(RepositoryLooked{fail(ErrorKind::retry, "away")});
  EXPECT_FALSE(replica_.core.pulse().repository_answers);
  EXPECT_FALSE(replica_.core.pulse().ready());
  EXPECT_TRUE(replica_.core.pulse().leases_answer);
}

}  // namespace
}  // namespace baton

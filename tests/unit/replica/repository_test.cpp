// P8, P16, P19, P21: looks, beats, the repository being away, executions that nobody runs.
#include "tests/unit/replica/scripted_replica.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(RepositoryP19, BeatsOnceAHeartbeatAndLooksOnceARefresh) {
  ScriptedReplica replica(settings_of(1, {manual_job("a")}));
  replica.own_all();
  replica.beats.clear();
  replica.pass(seconds(60));
  EXPECT_GE(replica.beats.size(), 10U);
  EXPECT_LE(replica.beats.size(), 12U);
  EXPECT_LT(replica.beats.front().counter, replica.beats.back().counter);
  EXPECT_EQ(replica.beats.back().owned, 1);
}

TEST(RepositoryP19, ReplicaThatCannotReachTheLeaseStoreDoesNotBeat) {
  ScriptedReplica replica(settings_of(1, {manual_job("a")}));
  replica.on(TimePassed{});
  replica.answers_alone = false;
  for (int i = 0; i < 20; ++i) {
    if (!replica.take<ListLeases>().empty()) replica.on(LeasesListed{fail(ErrorKind::retry, "away")});
    for (const LookAtRepository& look : replica.take<LookAtRepository>()) {
      EXPECT_FALSE(look.beat);
      replica.look_answered();
    }
    replica.pass(seconds(1));
  }
  replica.take<ListLeases>();
  replica.on(LeasesListed{replica.listing()});
  replica.take<LookAtRepository>();
  replica.look_answered();
  EXPECT_TRUE(replica.one<LookAtRepository>().beat) << "at once when the store answers for the first time";
}

TEST(RepositoryP8, AwayForLongerThanALeaseReleasesIdleJobsAndStopsRuns) {
  ScriptedReplica replica(settings_of(2, {manual_job("idle"), job_every("runs", seconds(10))}));
  replica.own_all();
  EXPECT_EQ(replica.one<StartRun>().job, "runs");
  replica.pass(milliseconds(500));
  replica.repository_answers = false;
  replica.answers_alone = false;
  const auto pass = [&](Duration time) {
    const Instant until = replica.now + time;
    while (replica.core.next_at() <= until) {
      replica.now = std::max(replica.now, replica.core.next_at());
      replica.on(TimePassed{});
      ASSERT_GT(replica.core.next_at(), replica.now);
      if (!replica.take<LookAtRepository>().empty()) replica.on(RepositoryLooked{fail(ErrorKind::retry, "refused")});
      replica.answer_stores();
    }
    replica.now = until;
  };
  pass(seconds(20));
  EXPECT_EQ(replica.core.phase("idle"), JobPhase::idle);
  EXPECT_THAT(replica.take<StopRun>(), IsEmpty());
  pass(seconds(1));
  EXPECT_EQ(replica.core.phase("idle"), JobPhase::waiting);
  EXPECT_TRUE(replica.leases.at("idle").released);
  EXPECT_THAT(replica.one<StopRun>().why, HasSubstr("repository"));
  pass(seconds(19));
  ASSERT_NE(replica.core.lease("runs"), nullptr);
  EXPECT_TRUE(replica.core.lease("runs")->trusted(replica.now)) << "it has one more lease to stop in";
  pass(seconds(20));
  EXPECT_EQ(replica.core.phase("runs"), JobPhase::draining) << "it does not stop, and its trust has ended";
  EXPECT_EQ(replica.leases.at("idle").owner_name, "me");
  EXPECT_TRUE(replica.leases.at("idle").released) << "nothing is taken meanwhile";
  EXPECT_THAT(replica.told(Tell::Level::warning), ElementsAre(HasSubstr("refused"), HasSubstr("lost its lease")))
      << "said once";

  replica.repository_answers = true;
  replica.answers_alone = true;
  replica.on(RunEnded{"runs", fail(ErrorKind::lease_lost, "gone")});
  replica.pass(seconds(3));
  EXPECT_THAT(replica.told(Tell::Level::info), Contains(HasSubstr("repository answers again")));
  EXPECT_EQ(replica.core.tokens_used(), 2);
}

TEST(RepositoryP8, LookWithoutAnAnswerCountsAsAway) {
  ScriptedReplica replica(settings_of(1, {manual_job("idle")}));
  replica.own_all();
  replica.repository_answers = false;
  replica.pass(seconds(1));
  const Instant sent_at = replica.now;
  replica.pass(seconds(20));
  EXPECT_LE(replica.now, sent_at + seconds(20));
  EXPECT_EQ(replica.core.phase("idle"), JobPhase::waiting);
}

TEST(RepositoryP8, ShortAbsenceStopsNothingButStartsNothing) {
  ScriptedReplica replica(settings_of(1, {job_every("a", seconds(10))}));
  replica.own_all({{"a", completed(1, noon)}});
  replica.answers_alone = false;
  replica.pass(seconds(1));
  replica.take<LookAtRepository>();
  replica.on(RepositoryLooked{fail(ErrorKind::retry, "busy")});
  replica.repository_answers = false;
  replica.answers_alone = true;
  replica.pass(seconds(15));
  EXPECT_THAT(replica.take<StartRun>(), IsEmpty());
  EXPECT_EQ(replica.core.phase("a"), JobPhase::idle);
  replica.repository_answers = true;
  replica.look_answered();
  EXPECT_EQ(replica.one<StartRun>().order.due, noon + seconds(10));
}

TEST(CapacityP21, IsToldOnceWhenTokensDoNotCoverTheJobsAndOnceWhenTheyDo) {
  ScriptedReplica replica(settings_of(1, {manual_job("a"), manual_job("b")}));
  replica.own_all();
  replica.take<Tell>();
  replica.pass(seconds(14));
  EXPECT_THAT(replica.told(Tell::Level::warning), IsEmpty()) << "the others may still be starting";
  replica.pass(seconds(30));
  EXPECT_THAT(replica.told(Tell::Level::warning), ElementsAre(HasSubstr("no capacity for 1 of 2 jobs")));
  replica.replica("other", 1);
  replica.beat("other");
  replica.pass(seconds(2));
  EXPECT_THAT(replica.told(Tell::Level::info), Contains(HasSubstr("capacity for all 2 jobs again")));
  replica.pass(seconds(5));
  EXPECT_THAT(replica.told(Tell::Level::warning), IsEmpty());
}

TEST(CapacityP21, ReplicasWithAnotherConfigurationDoNotCount) {
  ScriptedReplica replica(settings_of(1, {manual_job("a"), manual_job("b")}));
  replica.replica("other", 5).config_hash = "old";
  replica.own_all();
  replica.take<Tell>();
  for (int i = 0; i < 30; ++i) {
    replica.beat("other");
    replica.pass(seconds(1));
  }
  EXPECT_THAT(replica.told(Tell::Level::warning),
              ElementsAre(HasSubstr("no capacity for 1 of 2 jobs: the live replicas have 1 token;")));
}

TEST(CapacityP21, AHolderWhoseRowWasNotLookedForIsNotYetForeign) {
  ScriptedReplica replica(settings_of(1, {manual_job("a"), manual_job("b")}));
  replica.own_all();
  replica.pass(seconds(30));
  ASSERT_THAT(replica.told(Tell::Level::warning), ElementsAre(HasSubstr("no capacity for 1 of 2 jobs")));
  replica.answers_alone = false;
  replica.held_by("other", "b", "v", seconds(20));
  replica.on(LeasesListed{replica.listing()});
  EXPECT_EQ(replica.take<LookAtRepository>().size(), 1U);
  EXPECT_THAT(replica.told(Tell::Level::info), IsEmpty()) << "its lease came before its row";
  replica.replica("other", 1);
  replica.beat("other");
  replica.look_answered();
  EXPECT_THAT(replica.told(Tell::Level::info), ElementsAre(HasSubstr("capacity for all 2 jobs again")));
}

TEST(CapacityP21, JobsOfForeignOwnersNeedNoToken) {
  ScriptedReplica replica(settings_of(1, {manual_job("a"), manual_job("b")}));
  replica.held_by("java", "b", "v", seconds(1'000));
  replica.own_all();
  replica.pass(seconds(60));
  EXPECT_THAT(replica.told(Tell::Level::warning), IsEmpty());
}

struct Nobodys : testing::Test {
  void open(const std::string& job, std::optional<std::int64_t> fence = 3) {
    replica.view.open.push_back({job, 1, 1, BatchStatus::started, fence});
  }
  ScriptedReplica replica{settings_of(1, {manual_job("a")})};
};

TEST_F(Nobodys, P16ExecutionOfAnUnknownJobWithAFreeLeaseIsClosedAfterThreeRefreshes) {
  open("removed");
  replica.own_all();
  replica.pass(milliseconds(3'900));
  EXPECT_THAT(replica.take<CloseNobodys>(), IsEmpty());
  replica.pass(seconds(2));
  EXPECT_EQ(replica.one<CloseNobodys>().job, "removed");
  EXPECT_EQ(replica.core.tokens_used(), 1) << "only a's";
  replica.view.open.clear();
  replica.on(NobodysClosed{"removed", {}});
  replica.answer_stores();
  EXPECT_TRUE(replica.leases.at("removed").released);
  replica.pass(seconds(30));
  EXPECT_THAT(replica.take<CloseNobodys>(), IsEmpty());
}

TEST_F(Nobodys, P16ExpiredLeaseIsWaitedForThreeRefreshesMore) {
  open("removed");
  replica.held_by("dead", "removed", "v", seconds(7));
  replica.own_all();
  replica.pass(seconds(10));
  EXPECT_THAT(replica.take<CloseNobodys>(), IsEmpty());
  replica.pass(seconds(3));
  EXPECT_THAT(replica.take<CloseNobodys>(), SizeIs(1));
}

TEST_F(Nobodys, P16LeaseThatIsHeldOrExecutionThatIsNotBatonsIsLeftAlone) {
  open("held");
  open("java", std::nullopt);
  replica.held_by("owner", "held", "v", seconds(1'000));
  replica.own_all();
  replica.pass(seconds(60));
  EXPECT_THAT(replica.take<CloseNobodys>(), IsEmpty());
}

TEST_F(Nobodys, P16JobOfMyOwnIsTakenNormallyWhileThereIsAFreeToken) {
  open("a");
  replica.on(TimePassed{});
  replica.answer_stores();
  replica.pass(seconds(10));
  EXPECT_THAT(replica.take<CloseNobodys>(), IsEmpty());
  EXPECT_THAT(replica.take<BecomeOwner>(), SizeIs(1));
}

TEST_F(Nobodys, P16JobOfMyOwnIsClosedWithoutATokenWhenNoneIsFree) {
  ScriptedReplica full(settings_of(1, {manual_job("a"), manual_job("b")}));
  full.held_by("dead", "b", "v", seconds(1));
  full.view.open.push_back({"b", 1, 1, BatchStatus::started, 3});
  full.own_all();
  ASSERT_EQ(full.core.phase("a"), JobPhase::idle);
  full.pass(seconds(20));
  EXPECT_EQ(full.one<CloseNobodys>().job, "b");
  EXPECT_EQ(full.core.tokens_used(), 1);
  full.on(NobodysClosed{"b", {}});
  full.answer_stores();
  EXPECT_TRUE(full.leases.at("b").released);
}

TEST_F(Nobodys, P16OneAtATime) {
  open("x");
  open("y");
  replica.own_all();
  replica.pass(seconds(20));
  EXPECT_THAT(replica.take<CloseNobodys>(), SizeIs(1));
}

TEST_F(Nobodys, P16FailureBacksOff) {
  open("x");
  replica.own_all();
  replica.pass(seconds(6));
  for (int i = 0; i < 5; ++i) {
    replica.one<CloseNobodys>();
    replica.on(NobodysClosed{"x", fail(ErrorKind::retry, "busy")});
    replica.answer_stores();
    EXPECT_TRUE(replica.leases.at("x").released);
    const Instant from = replica.now;
    while (replica.core.phase("x") == JobPhase::waiting) replica.pass(seconds(1));
    if (i == 4) {
      EXPECT_GE(replica.now - from, seconds(8));
    }
  }
}

TEST_F(Nobodys, P16LeaseOfMineWhoseReleaseFailedIsTakenAgain) {
  open("x");
  replica.own_all();
  replica.held_by("me", "x", "left");
  replica.pass(seconds(2));
  EXPECT_EQ(replica.one<CloseNobodys>().job, "x");
}

TEST_F(Nobodys, P22LeaseTakenForClosingIsReleasedAtShutdown) {
  open("x");
  replica.own_all();
  replica.pass(seconds(6));
  replica.one<CloseNobodys>();
  replica.on(ShutdownAsked{});
  replica.answer_stores();
  EXPECT_FALSE(replica.core.finished());
  replica.on(NobodysClosed{"x", {}});
  replica.answer_stores();
  EXPECT_TRUE(replica.leases.at("x").released);
  EXPECT_TRUE(replica.core.finished());
}

}  // namespace
}  // namespace baton

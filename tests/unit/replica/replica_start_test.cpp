// From process start to running jobs: what is asked first, who becomes the owner of what.
#include "tests/unit/replica/scripted_replica.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(ReplicaStart, ListsLeasesFirstAndLooksWithABeatWhenTheyAnswer) {
  ScriptedReplica replica(settings_of(2, {manual_job("a"), manual_job("b")}));
  replica.on(TimePassed{});
  EXPECT_THAT(replica.take<LookAtRepository>(), IsEmpty());
  replica.one<ListLeases>();
  replica.on(LeasesListed{std::vector<LeaseRecord>{}});
  const LookAtRepository look = replica.one<LookAtRepository>();
  ASSERT_TRUE(look.beat);
  EXPECT_EQ(look.beat->id, "me");
  EXPECT_EQ(look.beat->tokens, 2);
  EXPECT_THAT(look.jobs, ElementsAre("a", "b"));
  EXPECT_THAT(replica.take<TakeLease>(), IsEmpty()) << "its row is not written yet";
}

TEST(ReplicaStart, FreeLeasesAreTakenOwnedAndRun) {
  ScriptedReplica replica(settings_of(2, {job_every("a", seconds(10))}));
  replica.on(TimePassed{});
  replica.one<ListLeases>();
  replica.on(LeasesListed{std::vector<LeaseRecord>{}});
  replica.answer_look();
  const TakeLease take = replica.one<TakeLease>();
  EXPECT_EQ(take.mine.key, "a");
  EXPECT_EQ(take.mine.owner_name, "me");
  EXPECT_EQ(take.mine.lease_duration, Duration(20'000));
  EXPECT_FALSE(take.seen);
  EXPECT_EQ(replica.core.phase("a"), JobPhase::taking);
  EXPECT_EQ(replica.core.tokens_used(), 1);

  replica.leases["a"] = take.mine;
  replica.on(LeaseTaken{"a", {}});
  EXPECT_EQ(replica.one<BecomeOwner>().job, "a");
  EXPECT_EQ(replica.core.phase("a"), JobPhase::becoming);
  ASSERT_NE(replica.core.lease("a"), nullptr);

  replica.on(OwnershipReached{"a", std::optional<LastRun>()});
  const StartRun start = replica.one<StartRun>();
  EXPECT_EQ(start.order.reason, StartReason::schedule);
  EXPECT_EQ(start.order.due, noon);
  EXPECT_EQ(replica.core.phase("a"), JobPhase::running);

  replica.pass(seconds(2));
  replica.on(RunEnded{"a", launched(completed(1, replica.repository_now()))});
  EXPECT_EQ(replica.core.phase("a"), JobPhase::idle);
  replica.pass(seconds(9));
  EXPECT_THAT(replica.take<StartRun>(), IsEmpty());
  replica.pass(seconds(1));
  EXPECT_EQ(replica.one<StartRun>().order.due, noon + seconds(12));
}

TEST(ReplicaStart, NoMoreJobsAreTakenThanThereAreTokens) {
  ScriptedReplica replica(settings_of(2, {manual_job("a"), manual_job("b"), manual_job("c"), manual_job("d")}));
  replica.own_all();
  EXPECT_EQ(replica.core.tokens_used(), 2);
  EXPECT_THAT(replica.leases, SizeIs(2));
  replica.pass(seconds(60));
  EXPECT_EQ(replica.core.tokens_used(), 2);
  EXPECT_THAT(replica.leases, SizeIs(2));
}

}  // namespace
}  // namespace baton

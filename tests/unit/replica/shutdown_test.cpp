// P7, P22: no new lease, stop what runs, release last, finish when nothing is held.
#include "tests/unit/replica/scripted_replica.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST(ShutdownP22, IdleJobsAreReleasedAtOnceAndItFinishes) {
  ScriptedReplica replica(settings_of(1, {manual_job("a")}));
  replica.own_all();
  replica.on(ShutdownAsked{});
  EXPECT_TRUE(replica.one<LookAtRepository>().beat->leaving);
  EXPECT_EQ(replica.one<ReleaseLease>().key, "a");
  EXPECT_FALSE(replica.core.finished());
  replica.on(LeaseReleased{"a", {}});
  replica.one<Finish>();
  EXPECT_TRUE(replica.core.finished());
  EXPECT_EQ(replica.core.next_at(), Instant::max());
}

TEST(ShutdownP22, RunningJobIsStoppedAndItsLeaseReleasedOnlyAfterItsEnd) {
  ScriptedReplica replica(settings_of(1, {job_every("a", seconds(10))}));
  replica.own_all();
  replica.one<StartRun>();
  replica.on(ShutdownAsked{});
  EXPECT_EQ(replica.one<StopRun>().job, "a");
  replica.pass(seconds(15));
  EXPECT_THAT(replica.take<StopRun>(), IsEmpty());
  EXPECT_FALSE(replica.leases.at("a").released);
  EXPECT_TRUE(replica.core.lease("a")->trusted(replica.now)) << "it is renewed until the run has ended";
  replica.on(
      RunEnded{"a", launched(unfinished_run(BatchStatus::stopped, EndedBy::shutdown, replica.repository_now()))});
  EXPECT_THAT(replica.take<StartRun>(), IsEmpty());
  replica.answer_stores();
  EXPECT_TRUE(replica.leases.at("a").released);
  replica.one<Finish>();
}

TEST(ShutdownP22, LeavingIsToldOnceAndNoLeaseIsTaken) {
  ScriptedReplica replica(settings_of(2, {job_every("a", seconds(10)), manual_job("b")}));
  replica.held_by("other", "b");
  replica.own_all();
  replica.one<StartRun>();
  replica.on(ShutdownAsked{});
  replica.released_by("other", "b");
  replica.beats.clear();
  replica.answer_stores();
  replica.pass(seconds(30));
  ASSERT_THAT(replica.beats, SizeIs(1));
  EXPECT_TRUE(replica.beats.front().leaving);
  EXPECT_EQ(replica.leases.at("b").owner_name, "other");
}

TEST(ShutdownP22, LeaseWhoseTakeIsUnderWayIsReleasedAfterItsAnswer) {
  ScriptedReplica replica(settings_of(1, {manual_job("a")}));
  replica.on(TimePassed{});
  replica.one<ListLeases>();
  replica.on(LeasesListed{std::vector<LeaseRecord>{}});
  replica.answer_look();
  replica.one<TakeLease>();
  replica.on(ShutdownAsked{});
  EXPECT_THAT(replica.take<Finish>(), IsEmpty());
  replica.on(LeaseTaken{"a", {}});
  EXPECT_THAT(replica.take<BecomeOwner>(), IsEmpty());
  replica.one<ReleaseLease>();
  replica.on(LeaseReleased{"a", {}});
  replica.one<Finish>();
}

TEST(ShutdownP22, JobThatIsBecomingMineIsReleasedAfterItsAnswer) {
  ScriptedReplica replica(settings_of(1, {job_every("a", seconds(10))}));
  replica.on(TimePassed{});
  replica.answer_stores();
  replica.one<BecomeOwner>();
  replica.on(ShutdownAsked{});
  EXPECT_EQ(replica.one<StopRun>().job, "a") << "the target may be away for long";
  EXPECT_THAT(replica.take<ReleaseLease>(), IsEmpty());
  replica.on(OwnershipReached{"a", fail(ErrorKind::retry, "stopped")});
  EXPECT_THAT(replica.take<StartRun>(), IsEmpty());
  replica.one<ReleaseLease>();
}

}  // namespace
}  // namespace baton

// P3, P4, P7: the leases that a replica holds.
#include "tests/unit/replica/scripted_replica.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(KeepingP5, AllLeasesAreRenewedInOneBatchBeforeAnythingElse) {
  ScriptedReplica replica(settings_of(3, {manual_job("a"), manual_job("b"), manual_job("c")}));
  replica.own_all();
  replica.actions.clear();
  replica.answers_alone = false;
  replica.pass(milliseconds(4'999));
  replica.actions.clear();
  replica.pass(milliseconds(1));
  ASSERT_FALSE(replica.actions.empty());
  ASSERT_TRUE(std::holds_alternative<RenewLeases>(replica.actions.front()));
  EXPECT_THAT(std::get<RenewLeases>(replica.actions.front()).renewals, SizeIs(3));
}

TEST(KeepingP4, SecondBatchWaitsForTheAnswerOfTheFirst) {
  ScriptedReplica replica(settings_of(2, {manual_job("a"), manual_job("b")}));
  replica.own_all();
  replica.on(RenewalWanted{"a"});
  EXPECT_THAT(replica.one<RenewLeases>().renewals, SizeIs(1));
  replica.on(RenewalWanted{"b"});
  replica.on(RenewalWanted{"a"});
  EXPECT_THAT(replica.take<RenewLeases>(), IsEmpty());
  replica.on(LeasesRenewed{{"a"}, {Status{}}});
  EXPECT_THAT(replica.one<RenewLeases>().renewals, SizeIs(2)) << "a was asked for again after it was sent";
}

// A full disk: it lists what it has. My record still names me, so I go on asking for it.
TEST(KeepingP3, StoreThatListsAndRenewsNothingIsToldOnceAndOnceMoreWhenItRenewsAgain) {
  ScriptedReplica replica(settings_of(1, {manual_job("a")}));
  replica.own_all();
  replica.take<Tell>();
  replica.store_is_full = true;
  std::vector<std::string> away, back;
  const auto pass = [&](int time) {
    for (int i = 0; i < time; ++i) {
      replica.pass(seconds(1));
      replica.own();
      for (const Tell& tell : replica.take<Tell>()) {
        if (tell.text.find("lease store:") != std::string::npos) away.push_back(tell.text);
        if (tell.text.find("answers again") != std::string::npos) back.push_back(tell.text);
      }
    }
  };
  pass(120);
  EXPECT_THAT(away, ElementsAre(HasSubstr("disk full")));
  EXPECT_THAT(back, IsEmpty());
  replica.store_is_full = false;
  pass(10);
  EXPECT_THAT(away, SizeIs(1));
  EXPECT_THAT(back, SizeIs(1));
  EXPECT_EQ(replica.core.phase("a"), JobPhase::idle);
}

TEST(KeepingP3, FailedRenewalIsTriedAgainAsLongAsTrustLasts) {
  ScriptedReplica replica(settings_of(1, {manual_job("a")}));
  replica.own_all();
  replica.answers_alone = false;
  const Instant trusted_until = replica.core.lease("a")->trusted_until();
  int attempts = 0;
  while (replica.core.lease("a") != nullptr) {
    ASSERT_LE(replica.now, trusted_until);
    replica.now = replica.core.next_at();
    replica.on(TimePassed{});
    for (const RenewLeases& renewal : replica.take<RenewLeases>()) {
      ++attempts;
      EXPECT_LE(renewal.timeout, Duration(5'000));
      EXPECT_LE(renewal.timeout, (trusted_until - replica.now) / 3 + milliseconds(1));
      replica.on(LeasesRenewed{{"a"}, {fail(ErrorKind::retry, "away")}});
    }
    if (!replica.take<ListLeases>().empty()) replica.on(LeasesListed{fail(ErrorKind::retry, "away")});
    if (!replica.take<LookAtRepository>().empty()) replica.look_answered();
  }
  EXPECT_EQ(replica.now, trusted_until);
  EXPECT_GE(attempts, 13);
  EXPECT_THAT(replica.told(Tell::Level::warning), ElementsAre(HasSubstr("away"), HasSubstr("a: lost its lease")));
  replica.take<ListLeases>();
  replica.leases.clear();
  replica.on(LeasesListed{replica.listing()});
  EXPECT_THAT(replica.told(Tell::Level::info), ElementsAre("the lease store answers again"));
}

TEST(KeepingP4, LostRenewalIsReadBackAndGoesOnFromTheFoundVersion) {
  ScriptedReplica replica(settings_of(1, {manual_job("a")}));
  replica.own_all();
  replica.on(RenewalWanted{"a"});
  const LeaseRenewal first = replica.one<RenewLeases>().renewals.front();
  replica.on(LeasesRenewed{{"a"}, {fail(ErrorKind::unknown_outcome, "lost")}});
  replica.one<ReadLease>();
  replica.leases.at("a").version = first.new_version;
  replica.on(LeaseRead{"a", replica.leases.at("a")});
  EXPECT_EQ(replica.one<RenewLeases>().renewals.front().version, first.new_version);
}

TEST(KeepingP4, LeaseThatAReadShowsAsAnothersIsLostAndItsRunStopped) {
  ScriptedReplica replica(settings_of(1, {job_every("a", seconds(10))}));
  replica.own_all();
  replica.one<StartRun>();
  replica.leases.at("a").owner_name = "thief";
  replica.on(RenewalWanted{"a"});
  replica.answer_stores();
  EXPECT_EQ(replica.core.lease("a"), nullptr);
  EXPECT_EQ(replica.one<StopRun>().job, "a");
  EXPECT_EQ(replica.core.phase("a"), JobPhase::draining);
  EXPECT_EQ(replica.core.tokens_used(), 1);
  EXPECT_THAT(replica.told(Tell::Level::warning), Contains(HasSubstr("thief owns it")));
  replica.on(RunEnded{"a", fail(ErrorKind::lease_lost, "not mine")});
  EXPECT_EQ(replica.core.tokens_used(), 0);
}

TEST(KeepingP3, RunIsStoppedWhenTrustEndsWhileARenewalIsUnderWay) {
  ScriptedReplica replica(settings_of(1, {job_every("a", seconds(10))}));
  replica.own_all();
  replica.one<StartRun>();
  replica.answers_alone = false;
  const Instant trusted_until = replica.core.lease("a")->trusted_until();
  replica.on(RenewalWanted{"a"});
  replica.one<RenewLeases>();
  while (replica.now < trusted_until) {
    EXPECT_THAT(replica.take<StopRun>(), IsEmpty());
    ASSERT_LE(replica.core.next_at(), trusted_until);
    replica.now = replica.core.next_at();
    replica.on(TimePassed{});
    if (!replica.take<ListLeases>().empty()) replica.on(LeasesListed{replica.listing()});
    if (!replica.take<LookAtRepository>().empty()) replica.look_answered();
  }
  EXPECT_EQ(replica.now, trusted_until);
  replica.one<StopRun>();
  replica.on(LeasesRenewed{{"a"}, {fail(ErrorKind::retry, "away")}});
  EXPECT_EQ(replica.core.phase("a"), JobPhase::draining);
}

TEST(KeepingP8, LostLeaseWaitsForTheAnswerOfBecomingTheOwner) {
  ScriptedReplica replica(settings_of(1, {manual_job("a")}));
  replica.on(TimePassed{});
  replica.answer_stores();
  replica.one<BecomeOwner>();
  replica.leases.at("a").owner_name = "thief";
  replica.on(RenewalWanted{"a"});
  replica.answer_stores();
  EXPECT_EQ(replica.core.phase("a"), JobPhase::draining);
  EXPECT_EQ(replica.core.tokens_used(), 1);
  replica.on(OwnershipReached{"a", std::optional<LastRun>()});
  EXPECT_EQ(replica.core.tokens_used(), 0);
  EXPECT_THAT(replica.take<StartRun>(), IsEmpty());
}

TEST(KeepingP4, ReleaseThatConflictsIsReadBackAndRepeated) {
  ScriptedReplica replica(settings_of(1, {manual_job("a")}));
  replica.own_all();
  replica.on(ShutdownAsked{});
  replica.one<ReleaseLease>();
  replica.on(LeaseReleased{"a", fail(ErrorKind::conflict, "another version")});
  replica.one<ReadLease>();
  replica.leases.at("a").version = "found";
  replica.on(LeaseRead{"a", replica.leases.at("a")});
  EXPECT_EQ(replica.one<ReleaseLease>().version, "found");
}

TEST(KeepingP7, ReleaseIsGivenUpWhenTheTrustOfItsMomentEnds) {
  ScriptedReplica replica(settings_of(1, {manual_job("a")}));
  replica.own_all();
  replica.answers_alone = false;
  const Instant deadline = replica.core.lease("a")->trusted_until();
  replica.on(ShutdownAsked{});
  while (!replica.core.finished()) {
    for (const ReleaseLease& one : replica.take<ReleaseLease>()) {
      replica.on(LeaseReleased{one.key, fail(ErrorKind::retry, "away")});
    }
    for (const RenewLeases& one : replica.take<RenewLeases>()) {  // it is renewed meanwhile
      replica.on(LeasesRenewed{{one.renewals.front().key}, {Status{}}});
    }
    if (!replica.take<LookAtRepository>().empty()) replica.look_answered();
    ASSERT_GT(replica.core.next_at(), replica.now);
    replica.now = replica.core.next_at();
    ASSERT_LE(replica.now, deadline);
    replica.on(TimePassed{});
  }
  EXPECT_EQ(replica.now, deadline);
}

}  // namespace
}  // namespace baton

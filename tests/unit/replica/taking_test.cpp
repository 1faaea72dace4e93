// P2, P4, P5, P8: when a lease is taken, and what its answers mean.
#include "tests/unit/replica/scripted_replica.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// One job, one token; the other replica is known.
struct Taking : testing::Test {
  Taking() { replica.replica("other", 1); }

  void start() {
    replica.on(TimePassed{});
    replica.answer_stores();
  }
  // Until the core asks to take the lease; that one is left to the test.
  TakeLease asked_to_take() {
    replica.on(TimePassed{});
    replica.one<ListLeases>();
    replica.on(LeasesListed{replica.listing()});
    replica.answer_look();
    return replica.one<TakeLease>();
  }

  ScriptedReplica replica{settings_of(1, {manual_job("a")})};
};

TEST_F(Taking, P5ReleasedLeaseIsTakenFromTheListingsRecord) {
  replica.released_by("other", "a");
  const TakeLease take = asked_to_take();
  EXPECT_EQ(take.seen, replica.leases.at("a"));
  EXPECT_THAT(replica.take<ReadLease>(), IsEmpty());
}

TEST_F(Taking, P2HeldLeaseIsReadAtTheInstantWhenItCountsAsExpiredAndThenTaken) {
  replica.held_by("other", "a", "v1", seconds(7));
  start();
  const Instant seen_at = replica.now;
  replica.answers_alone = true;
  replica.pass(seconds(7));
  EXPECT_THAT(replica.take<BecomeOwner>(), IsEmpty());
  EXPECT_THAT(replica.take<ReadLease>(), IsEmpty());
  EXPECT_EQ(replica.core.next_at(), seen_at + seconds(7) + Instant::duration(1));
  replica.now = replica.core.next_at();
  replica.on(TimePassed{});
  EXPECT_EQ(replica.one<ReadLease>().key, "a");
  replica.on(LeaseRead{"a", replica.leases.at("a")});
  EXPECT_EQ(replica.one<TakeLease>().seen->version, "v1");
}

TEST_F(Taking, P2LeaseThatIsRenewedIsNeverTaken) {
  replica.held_by("other", "a");
  start();
  for (int i = 0; i < 20; ++i) {
    replica.pass(seconds(5));
    replica.held_by("other", "a", "v" + std::to_string(i));
    replica.beat("other");
  }
  EXPECT_EQ(replica.leases.at("a").owner_name, "other");
}

TEST_F(Taking, P2RenewalThatTheLastReadShowsIsRespected) {
  replica.held_by("other", "a", "v1", seconds(7));
  start();
  replica.pass(seconds(7));
  replica.now = replica.core.next_at();
  replica.on(TimePassed{});
  replica.one<ReadLease>();
  replica.held_by("other", "a", "v2", seconds(7));
  replica.on(LeaseRead{"a", replica.leases.at("a")});
  EXPECT_THAT(replica.take<TakeLease>(), IsEmpty());
  EXPECT_EQ(replica.core.phase("a"), JobPhase::waiting);
  EXPECT_EQ(replica.core.tokens_used(), 0);
}

// Else a probe that looks each second would put off for ever who waits for its turn above its share (P20).
TEST_F(Taking, P20ProbeThatTakesAndReleasesMakesNothingNewlyReleased) {
  ScriptedReplica above{settings_of(2, {manual_job("a"), manual_job("b")})};
  above.replica("other", 2);
  above.held_by("other", "b");
  above.released_by("other", "a");
  above.own_all();
  ASSERT_EQ(above.core.tokens_used(), 1);
  above.released_by("other", "b");
  for (int second = 0; second < 4; ++second) {
    above.beat("other");
    above.released_by("host-9/probe", "b");
    above.leases["b"].version = "p" + std::to_string(second);
    above.pass(milliseconds(1'000));
  }
  EXPECT_EQ(above.core.tokens_used(), 2);
}

TEST_F(Taking, P5ConflictIsLeftToTheNextListing) {
  asked_to_take();
  replica.on(LeaseTaken{"a", fail(ErrorKind::conflict, "changed")});
  EXPECT_EQ(replica.core.phase("a"), JobPhase::waiting);
  EXPECT_THAT(replica.take<TakeLease>(), IsEmpty());
  replica.pass(seconds(1));
  EXPECT_EQ(replica.core.phase("a"), JobPhase::becoming);
}

TEST_F(Taking, P4LostAnswerIsReadBackAndProven) {
  const TakeLease take = asked_to_take();
  const Instant sent_at = replica.now;
  replica.now += seconds(2);
  replica.on(LeaseTaken{"a", fail(ErrorKind::unknown_outcome, "lost")});
  EXPECT_EQ(replica.core.phase("a"), JobPhase::taking);
  replica.now += seconds(1);
  EXPECT_EQ(replica.one<ReadLease>().key, "a");
  replica.on(LeaseRead{"a", take.mine});
  ASSERT_NE(replica.core.lease("a"), nullptr);
  EXPECT_EQ(replica.core.lease("a")->trusted_until(), sent_at + seconds(18)) << "trust counts from the send";
}

TEST_F(Taking, P4LostAnswerKeepsTheTokenUntilAReadTells) {
  asked_to_take();
  replica.on(LeaseTaken{"a", fail(ErrorKind::unknown_outcome, "lost")});
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(replica.take<ReadLease>(), SizeIs(1));
    replica.on(LeaseRead{"a", fail(ErrorKind::retry, "away")});
    EXPECT_EQ(replica.core.tokens_used(), 1);
    replica.answers_alone = false;
    replica.pass(seconds(1));
  }
  EXPECT_THAT(replica.take<ReadLease>(), SizeIs(1));
  replica.on(LeaseRead{"a", std::optional<LeaseRecord>()});
  EXPECT_EQ(replica.core.tokens_used(), 0);
  EXPECT_THAT(replica.take<TakeLease>(), IsEmpty()) << "what was lost may still arrive: the next listing tells";
}

TEST_F(Taking, P4TakeThatArrivedLateIsMineAfterARenewalFromTheFoundVersion) {
  replica.held_by("me", "a", "late");
  replica.on(TimePassed{});
  replica.one<ListLeases>();
  replica.on(LeasesListed{replica.listing()});
  replica.answer_look();
  replica.one<ReadLease>();
  replica.on(LeaseRead{"a", replica.leases.at("a")});
  const RenewLeases renewal = replica.one<RenewLeases>();
  ASSERT_THAT(renewal.renewals, SizeIs(1));
  EXPECT_EQ(renewal.renewals.front().version, "late");
  EXPECT_EQ(replica.core.lease("a"), nullptr) << "only its success proves it";
  const Instant sent_at = replica.now;
  replica.now += seconds(1);
  replica.on(LeasesRenewed{{"a"}, {Status{}}});
  ASSERT_NE(replica.core.lease("a"), nullptr);
  EXPECT_EQ(replica.core.lease("a")->trusted_until(), sent_at + seconds(18));
  replica.one<BecomeOwner>();
}

TEST_F(Taking, P8NothingIsTakenWhileTheRepositoryCannotBeReached) {
  replica.on(TimePassed{});
  replica.one<ListLeases>();
  replica.on(LeasesListed{replica.listing()});
  replica.one<LookAtRepository>();
  replica.on(RepositoryLooked{fail(ErrorKind::retry, "away")});
  replica.repository_answers = false;
  EXPECT_THAT(replica.take<TakeLease>(), IsEmpty());
  replica.now += seconds(1);
  replica.on(TimePassed{});
  replica.take<ListLeases>();
  replica.on(LeasesListed{replica.listing()});
  EXPECT_THAT(replica.take<TakeLease>(), IsEmpty());
  replica.answer_look();
  EXPECT_THAT(replica.take<TakeLease>(), SizeIs(1));
}

TEST_F(Taking, P8FailureToBecomeOwnerReleasesSaysWhyAndLeavesTheJobAlone) {
  start();
  std::vector<Duration> pauses;
  for (int i = 0; i < 4; ++i) {
    replica.one<BecomeOwner>();
    replica.take<Tell>();
    replica.on(OwnershipReached{"a", fail(ErrorKind::retry, "the target is away")});
    EXPECT_THAT(replica.told(Tell::Level::warning), Contains(HasSubstr("the target is away")));
    const Instant from = replica.now;
    replica.answer_stores();
    EXPECT_TRUE(replica.leases.at("a").released);
    EXPECT_EQ(replica.core.tokens_used(), 0);
    while (replica.core.phase("a") == JobPhase::waiting) replica.pass(seconds(1));
    pauses.push_back(std::chrono::duration_cast<Duration>(replica.now - from));
  }
  EXPECT_GE(pauses[3], seconds(4));
  EXPECT_LE(pauses[3], seconds(10));
}

TEST_F(Taking, P8JobWhosePreviousRunHereHasNotEndedIsNotTaken) {
  ScriptedReplica one(settings_of(2, {job_every("a", seconds(10))}));
  one.own_all();
  one.one<StartRun>();
  one.leases.at("a").owner_name = "thief";
  one.pass(seconds(5));
  EXPECT_EQ(one.core.phase("a"), JobPhase::draining);
  one.one<StopRun>();
  one.leases.at("a").released = true;
  one.pass(seconds(30));
  EXPECT_EQ(one.core.phase("a"), JobPhase::draining);
  EXPECT_EQ(one.core.tokens_used(), 1) << "its thread still has the token";
  one.on(RunEnded{"a", fail(ErrorKind::lease_lost, "not mine")});
  one.pass(seconds(1));
  EXPECT_EQ(one.core.phase("a"), JobPhase::becoming);
}

TEST_F(Taking, P5ListingSlowsDownOnlyWithoutAFreeTokenOrAnythingToWaitFor) {
  replica.answers_alone = false;
  const auto listings_of = [](ScriptedReplica& one, Duration time) {
    int listings = 0;
    const Instant until = one.now + time;
    while (one.core.next_at() <= until) {
      one.now = one.core.next_at();
      one.on(TimePassed{});
      for (const ReplicaAction& action : one.actions) listings += std::holds_alternative<ListLeases>(action) ? 1 : 0;
      one.answer_stores();
    }
    one.now = until;
    return listings;
  };
  replica.own_all();
  EXPECT_EQ(listings_of(replica, seconds(20)), 4) << "it owns all there is";
  ScriptedReplica waiting(settings_of(1, {manual_job("a")}));
  waiting.held_by("java", "a", "v1", seconds(1'000));
  waiting.on(TimePassed{});
  waiting.answer_stores();
  EXPECT_EQ(listings_of(waiting, seconds(20)), 20);
}

TEST_F(Taking, P5NoticeOfTheStoreListsAtOnce) {
  start();
  replica.take<ListLeases>();
  replica.on(ChangesNoticed{true, false});
  replica.one<ListLeases>();
  replica.on(ChangesNoticed{true, false});
  EXPECT_THAT(replica.take<ListLeases>(), IsEmpty()) << "one at a time";
  replica.on(LeasesListed{replica.listing()});
  replica.one<ListLeases>();
}

TEST_F(Taking, P6NoticeOfTheRepositoryLooksAtOnceAndOnceMoreAfterTheLookUnderWay) {
  start();
  replica.answer_stores();
  replica.on(ChangesNoticed{false, true});
  replica.one<LookAtRepository>();
  EXPECT_THAT(replica.take<ListLeases>(), IsEmpty());
  for (int i = 0; i < 3; ++i) replica.on(ChangesNoticed{false, true});
  EXPECT_THAT(replica.take<LookAtRepository>(), IsEmpty()) << "one at a time";
  replica.look_answered();
  replica.one<LookAtRepository>();
  replica.look_answered();
  EXPECT_THAT(replica.take<LookAtRepository>(), IsEmpty()) << "no more than one follows";
}

TEST_F(Taking, P6NoticesWhileLeavingAreIgnored) {
  start();
  replica.answer_stores();
  replica.on(ShutdownAsked{});
  replica.answer_stores();
  replica.actions.clear();
  replica.on(ChangesNoticed{true, true});
  EXPECT_THAT(replica.actions, IsEmpty());
}

TEST_F(Taking, P20JobsAreTakenInShuffledOrder) {
  std::set<std::string> firsts;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SeededRandom random(seed);
    ReplicaCore core(settings_of(1, {manual_job("a"), manual_job("b"), manual_job("c")}), random);
    Instant now{std::chrono::hours(1)};
    core.on(TimePassed{}, now);
    core.on(LeasesListed{std::vector<LeaseRecord>{}}, now);
    for (const ReplicaAction& action : core.on(RepositoryLooked{RepositoryView{noon, {}, {}, {}}}, now)) {
      if (const auto* take = std::get_if<TakeLease>(&action)) firsts.insert(take->mine.key);
    }
  }
  EXPECT_THAT(firsts, SizeIs(3));
}

TEST_F(Taking, StoreThatIsAwayIsToldOnceAndItsReturnOnce) {
  replica.on(TimePassed{});
  for (int i = 0; i < 3; ++i) {
    replica.one<ListLeases>();
    replica.on(LeasesListed{fail(ErrorKind::retry, "no route")});
    replica.answers_alone = false;
    replica.take<LookAtRepository>();
    replica.now += seconds(1);
    replica.on(TimePassed{});
  }
  EXPECT_THAT(replica.told(Tell::Level::warning), ElementsAre(HasSubstr("no route")));
  replica.one<ListLeases>();
  replica.on(LeasesListed{replica.listing()});
  EXPECT_THAT(replica.told(Tell::Level::info), ElementsAre(HasSubstr("answers again")));
}

}  // namespace
}  // namespace baton

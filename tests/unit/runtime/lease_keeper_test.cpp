#include "tests/unit/runtime/lease_keeper_fixture.h"

#include <gmock/gmock.h>
#include <latch>

namespace baton {
namespace {

using testing::HasSubstr;

using LeaseKeeperTest = LeaseKeeperFixture;

TEST_F(LeaseKeeperTest, P5AllLeasesAreRenewedInOneBatchPerHeartbeat) {
  const auto first = take("a");
  advance(Duration(1'000));
  take("b");
  take("c");
  advance(Duration(4'000));
  EXPECT_EQ(store_.count(LeaseCall::renew), 1);
  EXPECT_EQ(store_.batch_size(), 3U) << "those that are due soon go along";
  EXPECT_EQ(first->trusted_until(), clock_.now() + Duration(18'000));
  advance(Duration(5'000));
  EXPECT_EQ(store_.count(LeaseCall::renew), 2);
  EXPECT_EQ(store_.batch_size(), 3U);
}

TEST_F(LeaseKeeperTest, P4ARenewalWhoseAnswerWasLostIsReadBackAndProvenByAnother) {
  const auto hold = take("job");
  store_.next(LeaseCall::renew, {Fault::lose_answer});
  advance(Duration(5'000));
  EXPECT_EQ(store_.count(LeaseCall::renew), 2);
  EXPECT_EQ(store_.count(LeaseCall::read), 2) << "one by take, one back";
  EXPECT_EQ(hold->trusted_until(), clock_.now() + Duration(18'000));
  EXPECT_THAT(log(), HasSubstr("1 of 1 leases not renewed: the answer was lost"));
  EXPECT_THAT(log(), HasSubstr("renewed again"));
}

TEST_F(LeaseKeeperTest, P4ALeaseThatAnotherTookIsLostByProof) {
  const auto hold = take("job");
  put(others("job"));
  advance(Duration(5'000));
  EXPECT_LE(hold->trusted_until(), clock_.now());
  EXPECT_THAT(log(), HasSubstr("lease job: lost, other owns it"));
  const Status renewed = hold->renew_now();
  ASSERT_FALSE(renewed);
  EXPECT_EQ(renewed.error().kind, ErrorKind::lease_lost);
  EXPECT_EQ(keeper_->release("job").error().kind, ErrorKind::lease_lost);
}

TEST_F(LeaseKeeperTest, P3AStoreThatIsAwayCostsTheLeaseOnlyWhenTrustEnds) {
  const auto hold = take("job");
  const Instant trusted_until = hold->trusted_until();
  store_.always(LeaseCall::renew, Fault::refuse);
  for (Instant next = clock_.await_waiters(1); next < Instant::max(); next = clock_.await_waiters(1)) {
    ASSERT_LE(next, trusted_until);
    clock_.advance_to(next);
  }
  EXPECT_EQ(clock_.now(), trusted_until);
  EXPECT_GE(store_.count(LeaseCall::renew), 13);
  EXPECT_THAT(log(), HasSubstr("lease job: lost, its time ran out: the store is away"));
  store_.always(LeaseCall::renew, Fault::none);
  EXPECT_TRUE(take("job")) << "nobody else had it";
}

TEST_F(LeaseKeeperTest, P3AnOutageShorterThanTrustCostsNothing) {
  const auto hold = take("job");
  store_.always(LeaseCall::renew, Fault::lose_request);
  store_.always(LeaseCall::read, Fault::refuse);
  const Instant comes_back = clock_.now() + Duration(16'000);
  for (Instant next = clock_.await_waiters(1); next < comes_back; next = clock_.await_waiters(1)) {
    clock_.advance_to(next);
  }
  store_.always(LeaseCall::renew, Fault::none);
  store_.always(LeaseCall::read, Fault::none);
  clock_.advance_to(clock_.await_waiters(1));
  clock_.await_waiters(1);
  EXPECT_EQ(hold->trusted_until(), clock_.now() + Duration(18'000));
}

TEST_F(LeaseKeeperTest, AfterAMachineWasSuspendedTheLeaseIsOver) {
  const auto hold = take("job");
  advance(Duration(3'600'000));
  EXPECT_EQ(store_.count(LeaseCall::renew), 0);
  EXPECT_EQ(hold->renew_now().error().kind, ErrorKind::retry);
  EXPECT_LT(hold->trusted_until(), clock_.now());
}

TEST_F(LeaseKeeperTest, RenewNowRenewsAtOnce) {
  const auto hold = take("job");
  clock_.await_waiters(1);
  clock_.advance(Duration(100));
  EXPECT_TRUE(hold->renew_now());
  EXPECT_EQ(hold->trusted_until(), clock_.now() + Duration(18'000));
}

TEST_F(LeaseKeeperTest, P8ARenewalThatWasSentBeforeDoesNotSatisfyRenewNow) {
  const auto hold = take("job");
  clock_.await_waiters(1);
  std::latch sent(1);
  std::latch go_on(1);
  std::atomic<int> renewals = 0;
  store_.before(LeaseCall::renew, [&] {
    if (++renewals != 1) return;
    sent.count_down();
    go_on.wait();
  });
  clock_.advance(Duration(5'000));
  sent.wait();
  Status renewed;
  {
    std::jthread caller([&] { renewed = hold->renew_now(); });
    clock_.await_waiters(1);  // the caller; the keeper is in the store
    go_on.count_down();
  }
  EXPECT_TRUE(renewed);
  EXPECT_EQ(store_.count(LeaseCall::renew), 2);
}

TEST_F(LeaseKeeperTest, RenewNowReturnsRetryWhenTrustRunsOutFirst) {
  const auto hold = take("job");
  store_.always(LeaseCall::renew, Fault::refuse);
  const Instant trusted_until = hold->trusted_until();
  drive([&] {
    const Status renewed = hold->renew_now();
    ASSERT_FALSE(renewed);
    EXPECT_EQ(renewed.error().kind, ErrorKind::retry);
  });
  EXPECT_EQ(clock_.now(), trusted_until);
}

TEST_F(LeaseKeeperTest, P7AReleasedLeaseIsMarkedAndNoLongerRenewed) {
  const auto hold = take("job");
  take("stays");
  EXPECT_TRUE(keeper_->release("job"));
  EXPECT_TRUE(stored("job")->released);
  EXPECT_LE(hold->trusted_until(), clock_.now());
  EXPECT_EQ(hold->renew_now().error().kind, ErrorKind::lease_lost);
  advance(Duration(5'000));
  EXPECT_EQ(store_.batch_size(), 1U);
  EXPECT_EQ(keeper_->release("job").error().kind, ErrorKind::lease_lost) << "not held any more";
  EXPECT_TRUE(take("job"));
}

TEST_F(LeaseKeeperTest, P4AReleaseThatConflictsIsReadBackAndRepeated) {
  take("job");
  LeaseRecord mine = stored("job").value();
  mine.version = "late";  // a renewal of mine that arrived late
  put(mine);
  EXPECT_TRUE(keeper_->release("job"));
  EXPECT_TRUE(stored("job")->released);
  EXPECT_EQ(stored("job")->version, "late");
  EXPECT_EQ(store_.count(LeaseCall::release), 2);
}

TEST_F(LeaseKeeperTest, P4AReleaseOfUnknownOutcomeIsReadBack) {
  take("done");
  store_.next(LeaseCall::release, {Fault::lose_answer});
  EXPECT_TRUE(keeper_->release("done"));
  EXPECT_EQ(store_.count(LeaseCall::release), 1);
  take("not done");
  store_.next(LeaseCall::release, {Fault::lose_request});
  EXPECT_TRUE(keeper_->release("not done"));
  EXPECT_EQ(store_.count(LeaseCall::release), 3);
  EXPECT_TRUE(stored("not done")->released);
}

TEST_F(LeaseKeeperTest, P4AReleaseOfWhatAnotherTookMeansGone) {
  take("job");
  put(others("job"));
  EXPECT_TRUE(keeper_->release("job"));
  EXPECT_EQ(stored("job"), others("job"));
}

TEST_F(LeaseKeeperTest, P7ALeaseThatIsBeingReleasedIsNeitherTrustedNorProven) {
  const auto hold = take("job");
  std::latch sent(1);
  std::latch go_on(1);
  store_.before(LeaseCall::release, [&] {
    sent.count_down();
    go_on.wait();
  });
  std::jthread releaser([&] { EXPECT_TRUE(keeper_->release("job")); });
  sent.wait();
  EXPECT_LE(hold->trusted_until(), clock_.now());
  EXPECT_EQ(hold->renew_now().error().kind, ErrorKind::lease_lost);
  EXPECT_EQ(keeper_->release("job").error().kind, ErrorKind::conflict);
  go_on.count_down();
}

TEST_F(LeaseKeeperTest, P7AReleaseIsTriedUntilTrustEndsAndThenReturnsTheError) {
  const auto hold = take("job");
  const Instant trusted_until = hold->trusted_until();
  store_.always(LeaseCall::release, Fault::refuse);
  drive([&] {
    const Status released = keeper_->release("job");
    ASSERT_FALSE(released);
    EXPECT_EQ(released.error().kind, ErrorKind::retry);
    EXPECT_THAT(released.error().message, HasSubstr("away"));
  });
  EXPECT_EQ(clock_.now(), trusted_until);
  EXPECT_GE(store_.count(LeaseCall::renew), 3) << "it is renewed until it is released";
  EXPECT_LE(hold->trusted_until(), clock_.now());
  const int renewals = store_.count(LeaseCall::renew);
  advance(Duration(5'000));
  EXPECT_EQ(store_.count(LeaseCall::renew), renewals);
}

TEST_F(LeaseKeeperTest, P5RenewalsWaitNeitherForATakeNorForARelease) {
  take("renewed");
  take("released");
  put(others("other"));
  std::latch both_hang(2);
  std::latch go_on(1);
  const auto hang = [&] {
    both_hang.count_down();
    go_on.wait();
  };
  store_.before(LeaseCall::read, hang);
  store_.before(LeaseCall::release, hang);
  {
    std::jthread taker([&] { EXPECT_FALSE(keeper_->take("other", Duration(0), {})); });
    std::jthread releaser([&] { EXPECT_TRUE(keeper_->release("released")); });
    both_hang.wait();
    advance(Duration(5'000));
    EXPECT_EQ(store_.count(LeaseCall::renew), 1);
    EXPECT_EQ(store_.batch_size(), 1U) << "a call for the other is under way (P4)";
    store_.before(LeaseCall::read, {});
    store_.before(LeaseCall::release, {});
    go_on.count_down();
  }
}

TEST_F(LeaseKeeperTest, P3EachRenewalTimesOutAfterAHeartbeatOrAThirdOfTheTrustLeft) {
  take("job");
  store_.always(LeaseCall::renew, Fault::refuse);
  advance(Duration(5'000));
  EXPECT_EQ(store_.last_timeout(LeaseCall::renew), Duration(4'333));
  advance(Duration(10'000));
  EXPECT_EQ(store_.last_timeout(LeaseCall::renew), Duration(1'000));
}

TEST_F(LeaseKeeperTest, AHoldOutlivesItsKeeperButIsNotRenewed) {
  const auto hold = take("job");
  keeper_.reset();
  EXPECT_EQ(hold->renew_now().error().kind, ErrorKind::retry);
  EXPECT_EQ(hold->trusted_until(), clock_.now() + Duration(18'000));
  EXPECT_FALSE(stored("job")->released);
}

// Threads of several replicas take and release the same leases as fast as they can: never two at once.
TEST_F(LeaseKeeperTest, ALeaseHasOneHolderAtATime) {
  const auto other = make_keeper("you");
  std::atomic<int> holders = 0;
  std::atomic<int> times = 0;
  const auto work = [&](LeaseKeeper& keeper) {
    for (int i = 0; i < 300; ++i) {
      const Taken taken = keeper.take("job", Duration(0), {});
      if (!taken) continue;
      EXPECT_EQ(++holders, 1);
      EXPECT_TRUE((*taken)->renew_now());
      --holders;
      ++times;
      EXPECT_TRUE(keeper.release("job"));
    }
  };
  {
    std::jthread mine([&] { work(*keeper_); });
    std::jthread mine_too([&] { work(*keeper_); });
    std::jthread yours([&] { work(*other); });
  }
  EXPECT_GT(times, 0);
}

}  // namespace
}  // namespace baton

#include "tests/unit/runtime/lease_keeper_fixture.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::HasSubstr;

using LeaseKeeperTakeTest = LeaseKeeperFixture;

TEST_F(LeaseKeeperTakeTest, P5AFreeLeaseIsTakenAtOnceAndTrustedFromTheSend) {
  const auto hold = take("job");
  EXPECT_EQ(hold->trusted_until(), clock_.now() + Duration(18'000));
  const LeaseRecord record = stored("job").value();
  EXPECT_EQ(record.owner_name, "me");
  EXPECT_EQ(record.lease_duration, timings_.lease);
  EXPECT_EQ(record.version.size(), 36U);
  EXPECT_FALSE(record.released);
}

TEST_F(LeaseKeeperTakeTest, P5AReleasedLeaseIsTakenAtOnceAndItsDataStays) {
  LeaseRecord released = others("job");
  released.released = true;
  released.data = "kept";
  put(released);
  take("job");
  EXPECT_EQ(stored("job")->owner_name, "me");
  EXPECT_EQ(stored("job")->data, "kept");
}

TEST_F(LeaseKeeperTakeTest, P2ADeadOwnersLeaseIsTakenAsSoonAsItHasExpired) {
  put(others("job"));
  const Instant began = clock_.now();
  drive([&] { EXPECT_TRUE(keeper_->take("job", std::nullopt, {})); });
  EXPECT_EQ(clock_.now(), began + Duration(20'000) + Instant::duration(1));
  EXPECT_EQ(stored("job")->owner_name, "me");
}

TEST_F(LeaseKeeperTakeTest, P5AReleaseWhileWaitingIsSeenWithinRefresh) {
  put(others("job"));
  const Instant began = clock_.now();
  int reads = 0;
  store_.before(LeaseCall::read, [&] {
    if (++reads == 4) static_cast<void>(memory_.release("job", "other", "v-other", some_time));
  });
  drive([&] { EXPECT_TRUE(keeper_->take("job", std::nullopt, {})); });
  EXPECT_EQ(since(began), Duration(3'000));
}

TEST_F(LeaseKeeperTakeTest, AnOwnerThatRenewsIsWaitedForTwiceItsDurationAndFiveSecondsAndThenNamed) {
  const auto other = make_keeper("host-7");
  ASSERT_TRUE(other->take("job", Duration(0), {}));
  const Instant began = clock_.now();
  drive(
      [&] {
        const Taken taken = keeper_->take("job", std::nullopt, {});
        ASSERT_FALSE(taken);
        EXPECT_EQ(taken.error().kind, ErrorKind::retry);
        EXPECT_THAT(taken.error().message, HasSubstr("host-7"));
      },
      2);
  EXPECT_EQ(since(began), Duration(45'000));
  EXPECT_EQ(stored("job")->owner_name, "host-7");
}

TEST_F(LeaseKeeperTakeTest, AWaitOfZeroLooksOnce) {
  put(others("job"));
  const Taken taken = keeper_->take("job", Duration(0), {});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, ErrorKind::retry);
  EXPECT_THAT(taken.error().message, HasSubstr("other"));
  EXPECT_EQ(store_.count(LeaseCall::read), 1);
}

TEST_F(LeaseKeeperTakeTest, WhatAnEarlierTakeObservedCounts) {
  put(others("job"));
  EXPECT_FALSE(keeper_->take("job", Duration(0), {}));
  clock_.advance(Duration(20'001));
  EXPECT_TRUE(keeper_->take("job", Duration(0), {}));
}

TEST_F(LeaseKeeperTakeTest, AStoppedTakeReturnsRetry) {
  put(others("job"));
  std::stop_source stop;
  std::jthread stopper([&] {
    clock_.await_waiters(2);
    stop.request_stop();
  });
  const Taken taken = keeper_->take("job", std::nullopt, stop.get_token());
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, ErrorKind::retry);
  EXPECT_THAT(taken.error().message, HasSubstr("stopped"));
}

TEST_F(LeaseKeeperTakeTest, ALeaseIsTakenByThisProcessOnlyOnce) {
  take("job");
  const Taken again = keeper_->take("job", Duration(0), {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
}

TEST_F(LeaseKeeperTakeTest, P5ATakeWhoseAnswerWasLostIsReadBackAndMine) {
  store_.next(LeaseCall::take, {Fault::lose_answer});
  const Instant sent_at = clock_.now();
  store_.before(LeaseCall::take, [&] { clock_.advance(Duration(700)); });
  const auto hold = take("job");
  EXPECT_EQ(store_.count(LeaseCall::take), 1);
  EXPECT_EQ(store_.count(LeaseCall::renew), 0);
  EXPECT_EQ(hold->trusted_until(), sent_at + Duration(18'000));
}

TEST_F(LeaseKeeperTakeTest, P5ATakeThatNeverArrivedIsReadBackAndRepeated) {
  store_.next(LeaseCall::take, {Fault::lose_request});
  take("job");
  EXPECT_EQ(store_.count(LeaseCall::take), 2);
}

TEST_F(LeaseKeeperTakeTest, P5ATakeOfUnknownOutcomeIsReadBackEvenIfTheReadFailsFirst) {
  store_.next(LeaseCall::take, {Fault::lose_answer});
  store_.next(LeaseCall::read, {Fault::none, Fault::refuse, Fault::refuse});
  drive([&] { EXPECT_TRUE(keeper_->take("job", Duration(10'000), {})); });
  EXPECT_EQ(store_.count(LeaseCall::take), 1);
}

TEST_F(LeaseKeeperTakeTest, ATakeThatAnotherWonWaitsForTheWinner) {
  int takes = 0;
  store_.before(LeaseCall::take, [&] {
    if (++takes == 1) put(others("job"));
  });
  const Taken taken = keeper_->take("job", Duration(0), {});
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().message, HasSubstr("other"));
  EXPECT_EQ(stored("job")->owner_name, "other");
}

TEST_F(LeaseKeeperTakeTest, P4AnUnreleasedRecordWithMyNameIsMineAfterARenewal) {
  LeaseRecord mine = others("job");
  mine.owner_name = "me";
  put(mine);
  const auto hold = take("job");
  EXPECT_EQ(store_.count(LeaseCall::take), 0);
  EXPECT_EQ(store_.count(LeaseCall::renew), 1);
  EXPECT_NE(stored("job")->version, mine.version);
  EXPECT_EQ(hold->trusted_until(), clock_.now() + Duration(18'000));
}

TEST_F(LeaseKeeperTakeTest, AStoreThatIsAwayIsTriedUntilTheTimeIsUsedUp) {
  store_.always(LeaseCall::read, Fault::refuse);
  const Instant began = clock_.now();
  drive([&] {
    const Taken taken = keeper_->take("job", Duration(3'500), {});
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind, ErrorKind::retry);
    EXPECT_THAT(taken.error().message, HasSubstr("away"));
  });
  EXPECT_EQ(since(began), Duration(3'500));
}

TEST_F(LeaseKeeperTakeTest, WhatAPersonMustChangeIsReturnedAtOnce) {
  store_.always(LeaseCall::read, Fault::forbid);
  const Taken taken = keeper_->take("job", std::nullopt, {});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace baton

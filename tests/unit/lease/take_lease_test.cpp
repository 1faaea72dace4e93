#include "lease/take_lease.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

using Kind = TakeDecision::Kind;

constexpr Instant start{std::chrono::hours(5)};
const LeaseRecord others{"job", "other", Duration(20'000), "v1", false, "data"};

TEST(TakeLease, P5AnAbsentRecordIsTakenAtOnce) {
  LeaseObserver observer;
  const TakeDecision decision = decide_take(std::nullopt, "me", observer, start);
  EXPECT_EQ(decision.kind, Kind::take);
  EXPECT_FALSE(decision.seen);
}

TEST(TakeLease, P5AReleasedRecordIsTakenAtOnceWhoeverOwnedIt) {
  LeaseObserver observer;
  for (const std::string owner : {"other", "me"}) {
    LeaseRecord released = others;
    released.released = true;
    released.owner_name = owner;
    const TakeDecision decision = decide_take(released, "me", observer, start);
    EXPECT_EQ(decision.kind, Kind::take);
    EXPECT_EQ(decision.seen, released);
  }
}

TEST(TakeLease, P5AHeldRecordIsWaitedForUntilItExpiresAndThenTakenAtTheVersionLastSeen) {
  LeaseObserver observer;
  const TakeDecision first = decide_take(others, "me", observer, start);
  ASSERT_EQ(first.kind, Kind::wait);
  EXPECT_EQ(first.look_again_at, start + Duration(20'000) + Instant::duration(1));
  EXPECT_EQ(decide_take(others, "me", observer, start + Duration(20'000)).kind, Kind::wait);
  const TakeDecision last = decide_take(others, "me", observer, first.look_again_at);
  EXPECT_EQ(last.kind, Kind::take);
  EXPECT_EQ(last.seen, others);
}

TEST(TakeLease, P5ARenewedRecordIsWaitedForAgain) {
  LeaseObserver observer;
  decide_take(others, "me", observer, start);
  LeaseRecord renewed = others;
  renewed.version = "v2";
  const TakeDecision decision = decide_take(renewed, "me", observer, start + Duration(20'001));
  EXPECT_EQ(decision.kind, Kind::wait);
  EXPECT_GT(decision.look_again_at, start + Duration(40'000));
}

TEST(TakeLease, P4AnUnreleasedRecordWithMyNameIsMine) {
  LeaseObserver observer;
  LeaseRecord mine = others;
  mine.owner_name = "me";
  const TakeDecision decision = decide_take(mine, "me", observer, start);
  EXPECT_EQ(decision.kind, Kind::mine);
  EXPECT_EQ(decision.seen, mine);
}

TEST(TakeLease, TheRecordToTakeKeepsTheDataThatWasThere) {
  const LeaseRecord mine = record_to_take("job", "me", Duration(7'000), "v2", others);
  EXPECT_EQ(mine, (LeaseRecord{"job", "me", Duration(7'000), "v2", false, "data"}));
  EXPECT_FALSE(record_to_take("job", "me", Duration(7'000), "v2", std::nullopt).data);
}

TEST(TakeLease, P5ATakeOfUnknownOutcomeIsProvenByItsVersionReadBackAndByNothingElse) {
  const LeaseRecord mine = record_to_take("job", "me", Duration(7'000), "v2", others);
  EXPECT_TRUE(take_is_proven(mine, mine));
  EXPECT_FALSE(take_is_proven(mine, std::nullopt));
  EXPECT_FALSE(take_is_proven(mine, others));
  LeaseRecord changed = mine;
  changed.released = true;
  EXPECT_FALSE(take_is_proven(mine, changed));
  changed = mine;
  changed.version = "v3";
  EXPECT_FALSE(take_is_proven(mine, changed));
}

}  // namespace
}  // namespace baton

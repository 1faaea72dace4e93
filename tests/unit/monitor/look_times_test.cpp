// When a monitor looks: rounds, and looks in between.
#include "monitor/look_times.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

using namespace std::chrono_literals;

constexpr Instant start{1h};

TEST(LookTimes, NothingChangesThenARoundEverySoOften) {
  LookTimes times(60s, start);
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(times.next(), start + round * 60s);
    EXPECT_TRUE(times.is_round());
    times.looked({}, times.next() + 200ms);
  }
}

TEST(LookTimes, SomethingChangesBeforeTheNextRoundThenALookAtThatInstantAndTheRoundAtItsOwn) {
  LookTimes times(60s, start);
  times.looked(start + 20s, start + 200ms);
  EXPECT_EQ(times.next(), start + 20s);
  EXPECT_FALSE(times.is_round());
  times.looked({}, start + 21s);
  EXPECT_EQ(times.next(), start + 60s);
  EXPECT_TRUE(times.is_round());
}

TEST(LookTimes, SomethingChangesAfterTheNextRoundThenTheRoundIsEnough) {
  LookTimes times(60s, start);
  times.looked(start + 61s, start);
  EXPECT_EQ(times.next(), start + 60s);
  EXPECT_TRUE(times.is_round());
}

TEST(LookTimes, SomethingChangesAtOnceThenALookOnlyAfterAPauseHoweverOften) {
  LookTimes times(60s, start);
  for (int look = 1; look < 60; ++look) {
    times.looked(start, times.next());
    ASSERT_EQ(times.next(), start + look * 1s);
    ASSERT_FALSE(times.is_round());
  }
  times.looked(start, times.next());
  EXPECT_TRUE(times.is_round());
}

TEST(LookTimes, RoundsAreShorterThanThePauseThenNoLookInBetween) {
  LookTimes times(200ms, start);
  times.looked(start + 1ms, start);
  EXPECT_EQ(times.next(), start + 200ms);
  EXPECT_TRUE(times.is_round());
}

TEST(LookTimes, RoundsWereMissedThenTheyAreNotMadeUpFor) {
  LookTimes times(60s, start);
  times.looked({}, start + 1h);
  EXPECT_EQ(times.next(), start + 1h);
  times.looked({}, start + 1h);
  EXPECT_EQ(times.next(), start + 1h + 60s);
}

}  // namespace
}  // namespace baton

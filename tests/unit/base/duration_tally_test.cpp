#include "base/duration_tally.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Instant start{std::chrono::hours(1)};

TEST(DurationTallyTest, NothingMeasuredThenZeros) {
  const DurationTally tally;
  EXPECT_EQ(tally.count(), 0U);
  EXPECT_EQ(tally.sum(), microseconds(0));
  EXPECT_EQ(tally.longest(start), microseconds(0));
}

TEST(DurationTallyTest, MeasuredThenCountSumAndLongest) {
  DurationTally tally;
  tally.add(seconds(2), start);
  tally.add(seconds(5), start + seconds(1));
  tally.add(seconds(1), start + seconds(2));
  EXPECT_EQ(tally.count(), 3U);
  EXPECT_EQ(tally.sum(), seconds(8));
  EXPECT_EQ(tally.longest(start + seconds(2)), seconds(5));
}

TEST(DurationTallyTest, TheLongestIsKeptForAMinuteAtLeastAndForgottenAfterTwo) {
  DurationTally tally;
  tally.add(seconds(5), start + seconds(59));
  tally.add(seconds(1), start + seconds(118));
  EXPECT_EQ(tally.longest(start + seconds(118)), seconds(5));
  tally.add(seconds(2), start + seconds(120));
  EXPECT_EQ(tally.longest(start + seconds(120)), seconds(5));
  EXPECT_EQ(tally.longest(start + seconds(200)), seconds(2)) << "of the period before this one";
  EXPECT_EQ(tally.longest(start + minutes(9)), seconds(0));
  EXPECT_EQ(tally.count(), 3U);
}

}  // namespace
}  // namespace baton

#include "batch/progress.h"

#include <gtest/gtest.h>
#include <algorithm>
#include <random>

namespace baton {
namespace {

Position at(std::uint64_t offset) { return {offset, offset / 10, offset / 10 + 1, ""}; }

TEST(Progress, P11RangesInOrderMoveTheLowWaterPosition) {
  Progress progress;
  progress = with_range(progress, {at(0), at(100)}).value();
  progress = with_range(progress, {at(100), at(150)}).value();
  EXPECT_EQ(progress.low_water, at(150));
  EXPECT_TRUE(progress.above.empty());
}

TEST(Progress, P11RangesOutOfOrderJoinUpWhenTheHoleIsFilled) {
  Progress progress;
  progress = with_range(progress, {at(100), at(200)}).value();
  progress = with_range(progress, {at(300), at(400)}).value();
  EXPECT_EQ(progress.low_water, at(0));
  EXPECT_EQ(progress.above.size(), 2U);
  progress = with_range(progress, {at(200), at(300)}).value();
  EXPECT_EQ(progress.above.size(), 1U);
  progress = with_range(progress, {at(0), at(100)}).value();
  EXPECT_EQ(progress.low_water, at(400));
  EXPECT_TRUE(progress.above.empty());
}

TEST(Progress, P11ACommittedRangeIsNeverTakenAgain) {
  Progress progress = with_range({}, {at(0), at(100)}).value();
  EXPECT_FALSE(with_range(progress, {at(0), at(100)}));
  EXPECT_FALSE(with_range(progress, {at(50), at(150)}));
  progress = with_range(progress, {at(200), at(300)}).value();
  EXPECT_FALSE(with_range(progress, {at(100), at(250)}));
  EXPECT_FALSE(with_range(progress, {at(250), at(350)}));
}

TEST(Progress, P11AnyOrderOfCommitsEndsAtTheEnd) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<CommittedRange> ranges;
    for (std::uint64_t i = 0; i < 20; ++i) ranges.push_back({at(i * 10), at(i * 10 + 10)});
    std::shuffle(ranges.begin(), ranges.end(), random);
    Progress progress;
    for (const CommittedRange& range : ranges) {
      const Position before = progress.low_water;
      progress = with_range(progress, range).value();
      EXPECT_LE(before.offset, progress.low_water.offset);
    }
    EXPECT_EQ(progress.low_water, at(200));
    EXPECT_TRUE(progress.above.empty());
  }
}

TEST(Progress, TextFormsComeBackEqual) {
  const Position position{1, 2, 3, "key \"with\" ü"};
  EXPECT_EQ(position_from(to_text(position)).value(), position);
  const std::vector<CommittedRange> ranges{{at(0), at(10)}, {at(20), position}};
  EXPECT_EQ(ranges_from(to_text(ranges)).value(), ranges);
  const InputIdentity input{"/data/in.csv", 12, -5, "abc"};
  EXPECT_EQ(input_from(to_text(input)).value(), input);
  const StepCounts counts{1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(counts_from(to_text(counts)).value(), counts);
  EXPECT_EQ(counts_from("{").error().kind, ErrorKind::internal);
}

}  // namespace
}  // namespace baton

#include "tests/process/rolling/ownership_times.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

using std::chrono::milliseconds;

LogTime at(int ms) { return *parse_log_time("2026-03-01T12:00:00.000Z") + milliseconds(ms); }

std::string line(int ms, const std::string& text) {
  const std::string digits = std::to_string(1000 + ms);
  return "2026-03-01T12:00:00." + digits.substr(1) + "Z info    " + text + "\n";
}

TEST(OwnershipTimes, HandedOverThenTheGapBetweenReleaseAndTake) {
  const auto holds = ownership_times({{"one", line(100, "a: took its lease") + line(300, "a: released, it leaves"), {}},
                                      {"two", line(340, "a: took its lease"), {}}});
  ASSERT_EQ(holds.size(), 2U);
  EXPECT_EQ(holds[0].pod, "one");
  EXPECT_EQ(holds[0].until, at(300));
  EXPECT_EQ(holds[1].until, std::nullopt);
  const auto gaps = ownership_gaps(holds);
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].length, milliseconds(40));
  EXPECT_TRUE(gaps[0].after_release);
  EXPECT_EQ(held_at_the_end(holds), 1U);
}

TEST(OwnershipTimes, KilledThenTheGapBeginsAtTheKill) {
  const auto gaps = ownership_gaps(
      ownership_times({{"one", line(100, "a: took its lease"), at(200)}, {"two", line(900, "a: took its lease"), {}}}));
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].length, milliseconds(700));
  EXPECT_FALSE(gaps[0].after_release);
}

TEST(OwnershipTimes, StoppedThenWhatItSaysLaterIsTooLate) {
  const auto holds =
      ownership_times({{"one", line(100, "a: took its lease") + line(800, "a: lost its lease: it is over"), at(200)}});
  EXPECT_EQ(holds[0].until, at(200));
  EXPECT_EQ(held_at_the_end(holds), 0U);
}

TEST(OwnershipTimes, StoppedAndGoneOnThenWhatItTakesAfterwardsIsItsOwn) {
  const auto holds = ownership_times(
      {{"one",
        line(100, "a: took its lease") + line(800, "a: lost its lease: it is over") + line(900, "b: took its lease"),
        at(200)}});
  ASSERT_EQ(holds.size(), 2U);
  EXPECT_EQ(holds[0].until, at(200));
  EXPECT_EQ(holds[1].until, std::nullopt);
}

TEST(OwnershipTimes, EndedWithoutAReleaseThenNobodyOwnsIt) {
  const auto holds = ownership_times({{"one", line(100, "a: took its lease") + line(300, "the end"), {}, true}});
  EXPECT_EQ(holds[0].until, at(300));
  EXPECT_FALSE(holds[0].released);
  EXPECT_EQ(held_at_the_end(holds), 0U);
}

TEST(OwnershipTimes, TwoOwnItThenTheGapIsNegative) {
  const auto gaps =
      ownership_gaps(ownership_times({{"two", line(299, "a: took its lease"), {}},
                                      {"one", line(100, "a: took its lease") + line(300, "a: released, x"), {}}}));
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].length, milliseconds(-1));
}

TEST(OwnershipTimes, TwoOwnItForEverThenTheGapIsNegative) {
  const auto gaps = ownership_gaps(
      ownership_times({{"one", line(100, "a: took its lease"), {}}, {"two", line(200, "a: took its lease"), {}}}));
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].length, two_to_the_end);
  EXPECT_LT(gaps[0].length, milliseconds(0));
  EXPECT_FALSE(gaps[0].after_release);
}

}  // namespace
}  // namespace baton

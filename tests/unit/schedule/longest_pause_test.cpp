#include "schedule/longest_pause.h"

#include "tests/unit/schedule/transition_zone.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

using testing_schedule::instant;
using namespace std::chrono_literals;

const WallTime monday_noon = instant("2026-06-01 12:00:00");

Duration of_cron(const std::string& text) {
  return longest_pause({CronSchedule{*Cron::parse(text), utc()}, 0ms, 0ms}, monday_noon);
}

TEST(LongestPause, StartedByHandThenZero) { EXPECT_EQ(longest_pause({}, monday_noon), 0ms); }

TEST(LongestPause, AFixedDelayOrRateThenThatAndTheJitter) {
  EXPECT_EQ(longest_pause({FixedDelaySchedule{10s}, 1h, 2s}, monday_noon), 12s);
  EXPECT_EQ(longest_pause({FixedRateSchedule{1min}, 0ms, 0ms}, monday_noon), 1min);
}

TEST(LongestPause, CronThenTheLongestOfTheWeek) {
  EXPECT_EQ(of_cron("0 * * * * *"), 1min);
  EXPECT_EQ(of_cron("0 0 4 * * *"), 24h);
  EXPECT_EQ(of_cron("0 0 6 * * MON-FRI"), 72h);
  EXPECT_EQ(of_cron("0 */5 9-16 * * *"), 16h + 5min);
}

TEST(LongestPause, CronThatIsRareThenBetweenTheNextTwoTimes) {
  EXPECT_EQ(of_cron("0 0 0 1 1 *"), 365 * 24h);
  EXPECT_EQ(of_cron("0 0 0 29 2 *"), 1'461 * 24h);
}

}  // namespace
}  // namespace baton

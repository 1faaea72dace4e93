// Cron where clocks change: configuration.md's sentence on skipped and repeated hours.
#include "schedule/cron.h"
#include "tests/unit/schedule/transition_zone.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::ElementsAre;
using namespace testing_schedule;

std::vector<std::string> fires(const std::string& text, const Zone& zone, const std::string& after, int count) {
  const auto cron = Cron::parse(text);
  EXPECT_TRUE(cron) << cron.error().message;
  std::vector<std::string> found;
  std::optional<WallTime> time = instant(after);
  for (int i = 0; i < count; ++i) {
    time = cron->next(*time, zone);
    if (!time) break;
    found.push_back(shown(std::chrono::floor<std::chrono::seconds>(*time)));
  }
  return found;
}

TEST(CronZone, FixedHourIsSkippedThenTheFirstInstantAfterTheGap) {
  EXPECT_THAT(fires("0 30 2 * * *", berlin(), "2026-03-28 00:00:00", 3),
              ElementsAre("2026-03-28 01:30:00", "2026-03-29 01:00:00", "2026-03-30 00:30:00"));
  EXPECT_THAT(fires("0 0 0 * * *", havana(), "2026-03-07 05:00:00", 2),
              ElementsAre("2026-03-08 05:00:00", "2026-03-09 04:00:00"));
  EXPECT_THAT(fires("0 15 2 * * *", lord_howe(), "2026-10-03 00:00:00", 2),
              ElementsAre("2026-10-03 15:30:00", "2026-10-04 15:15:00"));
}

TEST(CronZone, SeveralFixedTimesAreSkippedThenTheyAreOneRun) {
  EXPECT_THAT(fires("0 */10 2 * * *", berlin(), "2026-03-29 00:00:00", 2),
              ElementsAre("2026-03-29 01:00:00", "2026-03-30 00:00:00"));
  EXPECT_THAT(fires("0 0 2,3 * * *", berlin(), "2026-03-29 00:00:00", 2),
              ElementsAre("2026-03-29 01:00:00", "2026-03-30 00:00:00"));
}

TEST(CronZone, WholeDayIsSkippedThenItsRunIsAtTheNextMidnight) {
  EXPECT_THAT(fires("0 0 4 * * *", apia(), "2011-12-29 00:00:00", 3),
              ElementsAre("2011-12-29 14:00:00", "2011-12-30 10:00:00", "2011-12-30 14:00:00"));
}

TEST(CronZone, FixedHourComesTwiceThenItsFirstOccurrence) {
  EXPECT_THAT(fires("0 30 2 * * *", berlin(), "2026-10-24 12:00:00", 2),
              ElementsAre("2026-10-25 00:30:00", "2026-10-26 01:30:00"));
  EXPECT_THAT(fires("0 30 2 * * *", berlin(), "2026-10-25 01:10:00", 1), ElementsAre("2026-10-26 01:30:00"))
      << "asked in the repeated hour";
  EXPECT_THAT(fires("0 30 23 * * *", sao_paulo(), "2019-02-16 12:00:00", 2),
              ElementsAre("2019-02-17 01:30:00", "2019-02-18 02:30:00"));
  EXPECT_THAT(fires("0 45 1 * * *", lord_howe(), "2026-04-04 00:00:00", 2),
              ElementsAre("2026-04-04 14:45:00", "2026-04-05 15:15:00"));
}

TEST(CronZone, EveryHourThenEveryRealHourCounts) {
  EXPECT_THAT(fires("0 30 * * * *", berlin(), "2026-03-28 23:30:00", 3),
              ElementsAre("2026-03-29 00:30:00", "2026-03-29 01:30:00", "2026-03-29 02:30:00"));
  EXPECT_THAT(fires("0 30 * * * *", berlin(), "2026-10-24 23:30:00", 4),
              ElementsAre("2026-10-25 00:30:00", "2026-10-25 01:30:00", "2026-10-25 02:30:00", "2026-10-25 03:30:00"));
  EXPECT_THAT(fires("0 0 0/2 * * *", berlin(), "2026-10-24 23:00:00", 3),
              ElementsAre("2026-10-25 00:00:00", "2026-10-25 01:00:00", "2026-10-25 03:00:00"));
  EXPECT_THAT(fires("0 30 * * * *", sao_paulo(), "2019-02-17 00:30:00", 3),
              ElementsAre("2019-02-17 01:30:00", "2019-02-17 02:30:00", "2019-02-17 03:30:00"));
}

TEST(CronZone, EveryHourWithHalfAnHourSetBackThenWhatClocksShowTwiceFiresTwice) {
  EXPECT_THAT(fires("0 45 * * * *", lord_howe(), "2026-04-04 13:45:00", 3),
              ElementsAre("2026-04-04 14:45:00", "2026-04-04 15:15:00", "2026-04-04 16:15:00"));
  EXPECT_THAT(fires("0 0 * * * *", lord_howe(), "2026-10-03 14:00:00", 3),
              ElementsAre("2026-10-03 14:30:00", "2026-10-03 16:00:00", "2026-10-03 17:00:00"))
      << "no clock shows 02:00 that day";
}

TEST(CronZone, EveryHourOnOneDayOfTheYearThenFoundFromFarAway) {
  EXPECT_THAT(fires("0 30 */1 25 10 ?", berlin(), "2025-10-26 12:00:00", 4),
              ElementsAre("2026-10-24 22:30:00", "2026-10-24 23:30:00", "2026-10-25 00:30:00", "2026-10-25 01:30:00"));
}

}  // namespace
}  // namespace baton

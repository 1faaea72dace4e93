// Days and times that match, on UTC's clocks.
#include "schedule/cron.h"
#include "tests/unit/schedule/transition_zone.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing_schedule::instant;
using testing_schedule::shown;

std::vector<std::string> fires(const std::string& text, const std::string& after, int count) {
  const auto cron = Cron::parse(text);
  EXPECT_TRUE(cron) << cron.error().message;
  std::vector<std::string> found;
  std::optional<WallTime> time = instant(after);
  for (int i = 0; i < count; ++i) {
    time = cron->next(*time, *utc());
    if (!time) break;
    found.push_back(shown(std::chrono::floor<std::chrono::seconds>(*time)));
  }
  return found;
}

std::vector<std::string> days(const std::string& fields, const std::string& after, int count) {
  std::vector<std::string> found;
  for (const std::string& time : fires("0 0 0 " + fields, after, count)) found.push_back(time.substr(0, 10));
  return found;
}

TEST(CronNext, TimesOfDayThenEachInOrder) {
  EXPECT_THAT(fires("0 0 4 * * *", "2026-01-01 04:00:00", 2),
              ElementsAre("2026-01-02 04:00:00", "2026-01-03 04:00:00"));
  EXPECT_THAT(fires("0 0 4 * * *", "2026-01-01 03:59:59", 1), ElementsAre("2026-01-01 04:00:00"));
  EXPECT_THAT(fires("*/20 59 23 * * *", "2026-12-31 23:59:19", 3),
              ElementsAre("2026-12-31 23:59:20", "2026-12-31 23:59:40", "2027-01-01 23:59:00"));
  EXPECT_THAT(fires("0 0/30 8-9 * * *", "2026-01-01 08:00:00", 4),
              ElementsAre("2026-01-01 08:30:00", "2026-01-01 09:00:00", "2026-01-01 09:30:00", "2026-01-02 08:00:00"));
  EXPECT_THAT(fires("5/25 * * * * *", "2026-01-01 00:00:06", 2),
              ElementsAre("2026-01-01 00:00:30", "2026-01-01 00:00:55"));
  EXPECT_THAT(fires("30 15 * * * *", "2026-01-01 00:15:30", 1), ElementsAre("2026-01-01 01:15:30"));
}

TEST(CronNext, PartOfASecondPassedThenTheNextWholeOneIsNotSkipped) {
  const auto cron = Cron::parse("* * * * * *");
  const WallTime after = instant("2026-01-01 00:00:00") + std::chrono::microseconds(1);
  EXPECT_EQ(cron->next(after, *utc()), WallTime(instant("2026-01-01 00:00:01")));
  EXPECT_EQ(cron->next(after - std::chrono::microseconds(2), *utc()), WallTime(instant("2026-01-01 00:00:00")));
}

TEST(CronNext, LeapDayThenOnlyInLeapYears) {
  EXPECT_THAT(days("29 2 *", "2026-01-01 00:00:00", 2), ElementsAre("2028-02-29", "2032-02-29"));
  EXPECT_THAT(days("29 2 *", "2096-02-29 00:00:00", 1), ElementsAre("2104-02-29"));
  EXPECT_THAT(days("29 2 MON", "2072-02-29 00:00:00", 1), ElementsAre("2112-02-29")) << "the longest gap: 40 years";
}

TEST(CronNext, DaysThatNotEveryMonthHasThenTheOtherMonthsAreSkipped) {
  EXPECT_THAT(days("31 * *", "2026-01-31 00:00:00", 3), ElementsAre("2026-03-31", "2026-05-31", "2026-07-31"));
  EXPECT_THAT(days("30 1-3 ?", "2026-01-30 00:00:00", 1), ElementsAre("2026-03-30"));
}

TEST(CronNext, LastDaysThenCountedFromTheEndOfEachMonth) {
  EXPECT_THAT(days("L * *", "2028-01-31 00:00:00", 3), ElementsAre("2028-02-29", "2028-03-31", "2028-04-30"));
  EXPECT_THAT(days("L-3 * *", "2026-01-28 00:00:00", 2), ElementsAre("2026-02-25", "2026-03-28"));
  EXPECT_THAT(days("L-30 * *", "2026-01-01 00:00:00", 2), ElementsAre("2026-03-01", "2026-05-01"));
  EXPECT_THAT(days("LW * *", "2026-01-01 00:00:00", 5),
              ElementsAre("2026-01-30", "2026-02-27", "2026-03-31", "2026-04-30", "2026-05-29"));
}

TEST(CronNext, NearestWeekdayThenWithinTheMonth) {
  // 15 August 2026 is a Saturday, 15 November a Sunday, 1 August a Saturday, 1 November a Sunday, 31 May a Sunday.
  EXPECT_THAT(days("15W 8 *", "2026-01-01 00:00:00", 1), ElementsAre("2026-08-14"));
  EXPECT_THAT(days("15W 11 *", "2026-01-01 00:00:00", 1), ElementsAre("2026-11-16"));
  EXPECT_THAT(days("1W 8 *", "2026-01-01 00:00:00", 1), ElementsAre("2026-08-03"));
  EXPECT_THAT(days("1W 11 *", "2026-01-01 00:00:00", 1), ElementsAre("2026-11-02"));
  EXPECT_THAT(days("31W 5 *", "2026-01-01 00:00:00", 1), ElementsAre("2026-05-29"));
  EXPECT_THAT(days("31W * *", "2026-01-31 00:00:00", 1), ElementsAre("2026-03-31"));
}

TEST(CronNext, WeekdaysThenBothFieldsMustMatch) {
  EXPECT_THAT(days("13 * FRI", "2026-01-01 00:00:00", 3), ElementsAre("2026-02-13", "2026-03-13", "2026-11-13"));
  EXPECT_THAT(days("1W,15 * MON", "2026-05-31 00:00:00", 2), ElementsAre("2026-06-01", "2026-06-15"));
  EXPECT_THAT(days("? * MON-FRI", "2026-01-01 00:00:00", 3), ElementsAre("2026-01-02", "2026-01-05", "2026-01-06"));
}

TEST(CronNext, SundayThenZeroAndSevenAreTheSame) {
  for (const std::string sunday : {"0", "7", "SUN", "sun", "0,7"}) {
    EXPECT_THAT(days("* * " + sunday, "2026-01-01 00:00:00", 2), ElementsAre("2026-01-04", "2026-01-11")) << sunday;
  }
  EXPECT_THAT(days("* * SUN-TUE", "2026-01-01 00:00:00", 3), ElementsAre("2026-01-04", "2026-01-05", "2026-01-06"));
  EXPECT_THAT(days("* * 5-7", "2026-01-01 00:00:00", 3), ElementsAre("2026-01-02", "2026-01-03", "2026-01-04"));
  EXPECT_THAT(days("* * 0-1", "2026-01-01 00:00:00", 2), ElementsAre("2026-01-04", "2026-01-05"));
  EXPECT_THAT(days("* * */3", "2026-01-01 00:00:00", 3), ElementsAre("2026-01-04", "2026-01-05", "2026-01-08"));
}

TEST(CronNext, NthAndLastWeekdaysThenOneAMonth) {
  EXPECT_THAT(days("? * FRI#2", "2026-01-01 00:00:00", 3), ElementsAre("2026-01-09", "2026-02-13", "2026-03-13"));
  EXPECT_THAT(days("? * 5#5", "2026-01-01 00:00:00", 2), ElementsAre("2026-01-30", "2026-05-29"));
  EXPECT_THAT(days("? * FRIL", "2026-01-01 00:00:00", 2), ElementsAre("2026-01-30", "2026-02-27"));
  EXPECT_THAT(days("? * 0L", "2026-01-01 00:00:00", 2), ElementsAre("2026-01-25", "2026-02-22"));
  EXPECT_THAT(days("? * MON#1,FRIL", "2026-01-01 00:00:00", 3), ElementsAre("2026-01-05", "2026-01-30", "2026-02-02"));
}

TEST(CronNext, MacrosThenAsTheSixFieldsTheyStandFor) {
  EXPECT_THAT(fires("@yearly", "2026-05-05", 1), ElementsAre("2027-01-01 00:00:00"));
  EXPECT_THAT(fires("@monthly", "2026-05-05", 1), ElementsAre("2026-06-01 00:00:00"));
  EXPECT_THAT(fires("@weekly", "2026-05-05", 1), ElementsAre("2026-05-10 00:00:00"));
  EXPECT_THAT(fires("@midnight", "2026-05-05", 1), ElementsAre("2026-05-06 00:00:00"));
  EXPECT_THAT(fires("@hourly", "2026-05-05", 1), ElementsAre("2026-05-05 01:00:00"));
}

}  // namespace
}  // namespace baton

// The system's time zones, and cron on their clocks.
#include "runtime/system_zone.h"
#include "schedule/cron.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::shared_ptr<const Zone> zone(const std::string& name) {
  const auto found = find_zone(name);
  EXPECT_TRUE(found) << found.error().message;
  return found ? *found : utc();
}

LocalSeconds local(std::chrono::year_month_day date, std::chrono::seconds time) {
  return std::chrono::local_days(date) + time;
}

TEST(SystemZone, KnownNameThenItsClocks) {
  const auto zurich = zone("Europe/Zurich");
  EXPECT_EQ(zurich->name(), "Europe/Zurich");
  const sys_seconds summer = sys_days(year(2026) / 7 / 1) + hours(10);
  EXPECT_EQ(zurich->to_local(summer), local(year(2026) / 7 / 1, hours(12)));
  EXPECT_THAT(zurich->instants_of(local(year(2026) / 7 / 1, hours(12))), ElementsAre(summer));
  EXPECT_EQ(zone("Asia/Kolkata")->to_local(summer), local(year(2026) / 7 / 1, hours(15) + minutes(30)));
}

TEST(SystemZone, ClocksAreSetForwardThenNoInstantAndTheEndOfTheGap) {
  const auto berlin = zone("Europe/Berlin");
  const LocalSeconds skipped = local(year(2026) / 3 / 29, hours(2) + minutes(30));
  EXPECT_THAT(berlin->instants_of(skipped), IsEmpty());
  EXPECT_EQ(berlin->end_of_gap(skipped), sys_days(year(2026) / 3 / 29) + hours(1));
}

TEST(SystemZone, ClocksAreSetBackThenTwoInstantsInOrder) {
  const auto lord_howe = zone("Australia/Lord_Howe");
  const sys_seconds first = sys_days(year(2026) / 4 / 4) + hours(14) + minutes(45);
  EXPECT_THAT(lord_howe->instants_of(local(year(2026) / 4 / 5, hours(1) + minutes(45))),
              ElementsAre(first, first + minutes(30)));
}

TEST(SystemZone, UtcThenTheOneThatNeedsNoDatabase) { EXPECT_EQ(zone("UTC"), utc()); }

TEST(SystemZone, UnknownNameThenTheNearestIsNamed) {
  const auto problem = [](const std::string& name) { return find_zone(name).error().message; };
  EXPECT_EQ(find_zone("Europe/Berln").error().kind, ErrorKind::invalid);
  EXPECT_THAT(problem("Europe/Berln"), HasSubstr("no time zone `Europe/Berln`, did you mean `Europe/Berlin`?"));
  EXPECT_THAT(problem("europe/zurich"), HasSubstr("did you mean `Europe/Zurich`?"));
  EXPECT_THAT(problem("Kolkata"), HasSubstr("did you mean `Asia/Kolkata`?"));
  EXPECT_THAT(problem("Nowhere/Atlantis"), HasSubstr("`Nowhere/Atlantis`: expected a name of the IANA database"));
  for (const std::string name : {"", "/", "../../etc/passwd", "posixrules/", "Europe"}) EXPECT_FALSE(find_zone(name));
}

TEST(SystemZone, CronAtFourInTheMorningThenEachDayOfTheYearAtFour) {
  const auto cron = Cron::parse("0 0 4 * * *");
  const auto berlin = zone("Europe/Berlin");
  WallTime time = sys_days(year(2026) / 1 / 1);
  for (int day = 0; day < 365; ++day) {
    time = cron->next(time, *berlin).value();
    const LocalSeconds shown = berlin->to_local(std::chrono::floor<std::chrono::seconds>(time));
    EXPECT_EQ(shown, std::chrono::local_days(year(2026) / 1 / 1) + std::chrono::days(day) + hours(4));
  }
}

TEST(SystemZone, CronInTheGapThenAtItsEnd) {
  const auto cron = Cron::parse("0 30 2 * * *");
  const sys_seconds change = sys_days(year(2026) / 3 / 29) + hours(1);
  EXPECT_EQ(cron->next(change - hours(1), *zone("Europe/Berlin")), WallTime(change));
}

}  // namespace
}  // namespace baton

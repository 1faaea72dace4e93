#include "schedule/cron_fields.h"

#include <bit>

namespace baton {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::months;
using std::chrono::seconds;
using std::chrono::year_month;

constexpr unsigned none = 64;

NumberSet only(unsigned number) { return number < none ? NumberSet{1} << number : 0; }

bool has(NumberSet set, unsigned number) { return (set & only(number)) != 0; }

// The least number of the set that is at least `from`; `none` if there is none.
unsigned least_from(NumberSet set, unsigned from) {
  const NumberSet rest = from < none ? set >> from : 0;
  return rest == 0 ? none : from + static_cast<unsigned>(std::countr_zero(rest));
}

struct TimeOfDay {
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
};

std::optional<TimeOfDay> next_time(const CronFields& fields, TimeOfDay from) {
  unsigned second = least_from(fields.seconds, from.second);
  const bool minute_is_over = second == none;
  unsigned minute = least_from(fields.minutes, from.minute + (minute_is_over ? 1 : 0));
  const bool hour_is_over = minute == none;
  const unsigned hour = least_from(fields.hours, from.hour + (hour_is_over ? 1 : 0));
  if (hour == none) return std::nullopt;
  if (hour != from.hour) minute = least_from(fields.minutes, 0);
  if (hour != from.hour || minute != from.minute) second = least_from(fields.seconds, 0);
  return TimeOfDay{hour, minute, second};
}

// A month, as far as the matching of its days needs it.
struct MonthDays {
  explicit MonthDays(year_month month)
      : last(static_cast<unsigned>((month / std::chrono::last).day())),
        first_weekday(std::chrono::weekday(local_days(month / 1)).iso_encoding()) {}

  unsigned weekday(unsigned day) const { return (first_weekday + day - 2) % 7 + 1; }

  unsigned nearest_weekday(unsigned day) const {
    if (weekday(day) == 6) return day == 1 ? 3 : day - 1;
    if (weekday(day) == 7) return day == last ? day - 2 : day + 1;
    return day;
  }

  unsigned last;
  unsigned first_weekday;
};

NumberSet matching_days_of_month(const CronFields& fields, const MonthDays& month) {
  NumberSet matching = fields.days;
  for (unsigned day = 1; day <= month.last; ++day) {
    if (has(fields.nearest_weekdays, day)) matching |= only(month.nearest_weekday(day));
    if (has(fields.days_before_last, month.last - day)) matching |= only(day);
  }
  if (fields.last_weekday_of_month) matching |= only(month.nearest_weekday(month.last));
  return matching;
}

bool matches_weekday(const CronFields& fields, const MonthDays& month, unsigned day) {
  const unsigned weekday = month.weekday(day);
  const bool is_last = day + 7 > month.last;
  return has(fields.weekdays, weekday) || has(fields.nth_weekdays[(day - 1) / 7 + 1], weekday) ||
         (is_last && has(fields.last_weekdays, weekday));
}

// The first matching day of the month from `from` on; `none` if there is none.
unsigned next_day(const CronFields& fields, year_month month, unsigned from) {
  if (!has(fields.months, static_cast<unsigned>(month.month()))) return none;
  const MonthDays month_days(month);
  const NumberSet matching = matching_days_of_month(fields, month_days);
  for (unsigned day = from; day <= month_days.last; ++day) {
    if (has(matching, day) && matches_weekday(fields, month_days, day)) return day;
  }
  return none;
}

LocalSeconds at(year_month month, unsigned day, TimeOfDay time) {
  return local_days(month / static_cast<int>(day)) + hours(time.hour) + minutes(time.minute) + seconds(time.second);
}

}  // namespace

std::optional<LocalSeconds> next_match(const CronFields& fields, LocalSeconds from, int years) {
  const auto midnight = std::chrono::floor<days>(from);
  const std::chrono::hh_mm_ss clock(from - midnight);
  const std::chrono::year_month_day date(midnight);
  const auto today = static_cast<unsigned>(date.day());
  const auto time_today =
      next_time(fields, {static_cast<unsigned>(clock.hours().count()), static_cast<unsigned>(clock.minutes().count()),
                         static_cast<unsigned>(clock.seconds().count())});
  const auto first_time = next_time(fields, {});
  if (!first_time) return std::nullopt;
  year_month month = date.year() / date.month();
  unsigned first_day = time_today ? today : today + 1;
  for (int passed = 0; passed <= 12 * years; ++passed) {
    const unsigned day = next_day(fields, month, first_day);
    const bool is_today = passed == 0 && day == today;
    if (day != none) return at(month, day, is_today ? *time_today : *first_time);
    month += months(1);
    first_day = 1;
  }
  return std::nullopt;
}

}  // namespace baton

// Random expressions against a walker that looks at every second around the changes of several zones.
#include "schedule/cron.h"
#include "tests/unit/schedule/transition_zone.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <functional>

namespace baton {
namespace {

using namespace testing_schedule;
using std::chrono::seconds;

// A field as text and as the numbers that it means.
struct RandomField {
  std::string text;
  std::array<bool, 60> numbers{};

  bool contains(int number) const { return numbers[static_cast<std::size_t>(number)]; }
};

int number(int min, int max) { return *rc::gen::inRange(min, max + 1); }

void add_item(RandomField& field, int min, int max, bool may_repeat) {
  const int from = number(min, max);
  const int to = number(from, max);
  const int step = number(1, max - min);
  const auto add = [&](const std::string& text, int first, int last, int by) {
    field.text += (field.text.empty() ? "" : ",") + text;
    for (int value = first; value <= last; value += by) field.numbers[static_cast<std::size_t>(value)] = true;
  };
  const std::string written = std::to_string(from);
  const std::string by = "/" + std::to_string(step);
  switch (number(may_repeat ? 0 : 4, 6)) {
    case 0: return add("*", min, max, 1);
    case 1: return add("*" + by, min, max, step);
    case 2: return add(written + by, from, max, step);
    case 3: return add(written + "-" + std::to_string(to) + by, from, to, step);
    case 4: return add(written + "-" + std::to_string(to), from, to, 1);
    default: return add(written, from, from, 1);
  }
}

// `may_repeat`: with `*` and steps.
RandomField random_field(int min, int max, int most_items, bool may_repeat = true) {
  RandomField field;
  const int items = number(1, most_items);
  for (int i = 0; i < items; ++i) add_item(field, min, max, may_repeat);
  return field;
}

struct Clock3 {
  int second;
  int minute;
  int hour;
};

Clock3 clock_of(LocalSeconds local) {
  const auto since_midnight = (local - std::chrono::floor<std::chrono::days>(local)).count();
  return {static_cast<int>(since_midnight % 60), static_cast<int>(since_midnight / 60 % 60),
          static_cast<int>(since_midnight / 3600)};
}

// Each second of the days around a change: of real time, and of local time with the instant that a fixed hour has.
struct Surroundings {
  const TransitionZone* zone;
  sys_seconds begin;
  std::vector<std::pair<Clock3, sys_seconds>> real;
  std::vector<std::pair<Clock3, sys_seconds>> local;
};

Surroundings around(const TransitionZone& zone, sys_seconds change) {
  Surroundings all{&zone, change - std::chrono::hours(14), {}, {}};
  const sys_seconds end = change + std::chrono::hours(14);
  for (sys_seconds time = all.begin; time < end; time += seconds(1)) {
    all.real.emplace_back(clock_of(zone.to_local(time)), time);
  }
  for (LocalSeconds time = zone.to_local(all.begin); time < zone.to_local(end); time += seconds(1)) {
    const auto instants = zone.instants_of(time);
    all.local.emplace_back(clock_of(time), instants.empty() ? zone.end_of_gap(time) : instants.front());
  }
  return all;
}

const std::vector<Surroundings>& all_surroundings() {
  static const auto all = [] {
    std::vector<Surroundings> made;
    for (const TransitionZone* zone : {&berlin(), &lord_howe(), &havana(), &apia(), &sao_paulo()}) {
      for (const OffsetChange& change : zone->changes()) made.push_back(around(*zone, change.at));
    }
    return made;
  }();
  return all;
}

TEST(CronProperty, RandomTimesOfDayThenAsAWalkThroughEverySecond) {
  EXPECT_TRUE(rc::check("next is the walker's", [] {
    const RandomField second = random_field(0, 59, 2);
    const RandomField minute = random_field(0, 59, 2);
    const bool is_fixed = number(0, 1) == 0;
    RandomField hour = random_field(0, 23, 3, !is_fixed);
    if (is_fixed) add_item(hour, number(0, 2), 3, false);  // most changes are early in the morning
    const std::string text = second.text + " " + minute.text + " " + hour.text + " * * *";
    const bool every_real_hour = hour.text.find_first_of("*/") != std::string::npos;
    RC_LOG() << text << "\n";
    const auto cron = Cron::parse(text);
    RC_ASSERT(cron.has_value());
    const auto& days = all_surroundings().at(static_cast<std::size_t>(number(0, 8)));
    std::vector<sys_seconds> expected;
    for (const auto& [clock, at] : every_real_hour ? days.real : days.local) {
      if (!second.contains(clock.second) || !minute.contains(clock.minute)) continue;
      if (hour.contains(clock.hour)) expected.push_back(at);
    }
    RC_ASSERT(std::is_sorted(expected.begin(), expected.end()));
    const auto middle = static_cast<int>(days.real.size() / 2);
    for (int i = 0; i < 60; ++i) {
      const int range = i % 2 == 0 ? middle : 2 * 3600;
      const sys_seconds after = days.begin + seconds(number(middle - range, middle + range - 1));
      const auto walked = std::upper_bound(expected.begin(), expected.end(), after);
      if (walked == expected.end()) continue;
      const auto found = cron->next(after, *days.zone);
      RC_LOG() << days.zone->name() << " after " << shown(after) << "\n";
      RC_ASSERT(found.has_value());
      RC_ASSERT(shown(std::chrono::floor<seconds>(*found)) == shown(*walked));
    }
  }));
}

// A day, as a second and simpler statement of what the fields of days mean sees it.
struct Date {
  int day;
  int month;
  int last;
  int weekday;  // 1 Monday … 7 Sunday
};

Date date_of(std::chrono::sys_days at) {
  const std::chrono::year_month_day date(at);
  const auto last = (date.year() / date.month() / std::chrono::last).day();
  return {static_cast<int>(static_cast<unsigned>(date.day())), static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(last)), static_cast<int>(std::chrono::weekday(at).iso_encoding())};
}

// The weekday nearest to day `wanted` of the month: looks further away step by step, within the month.
bool is_nearest_weekday(const Date& date, int wanted) {
  const auto is_working_day = [&](int day) {
    return day >= 1 && day <= date.last && ((date.weekday - 1 + day - date.day) % 7 + 7) % 7 < 5;
  };
  if (wanted > date.last) return false;
  for (int distance = 0; distance <= 2; ++distance) {
    if (is_working_day(wanted - distance)) return date.day == wanted - distance;
    if (is_working_day(wanted + distance)) return date.day == wanted + distance;
  }
  return false;
}

struct DayRule {
  std::string text;
  std::function<bool(const Date&)> matches;
};

DayRule random_day_of_month() {
  const int n = number(1, 28);
  switch (number(0, 5)) {
    case 0: return {"L", [](const Date& date) { return date.day == date.last; }};
    case 1: return {"L-" + std::to_string(n), [n](const Date& date) { return date.day == date.last - n; }};
    case 2: return {"LW", [](const Date& date) { return is_nearest_weekday(date, date.last); }};
    case 3: {
      const int wanted = number(1, 31);
      return {std::to_string(wanted) + "W", [wanted](const Date& date) { return is_nearest_weekday(date, wanted); }};
    }
    case 4: return {"?", [](const Date&) { return true; }};
    default: {
      const RandomField field = random_field(1, 31, 3);
      return {field.text, [field](const Date& date) { return field.contains(date.day); }};
    }
  }
}

DayRule random_day_of_week() {
  static const std::array<const char*, 8> names{"0", "MON", "tue", "3", "THU", "5", "Sat", "7"};
  const int index = number(0, 7);
  const int weekday = index == 0 ? 7 : index;
  const std::string name = names[static_cast<std::size_t>(index)];
  switch (number(0, 3)) {
    case 0: return {name, [weekday](const Date& date) { return date.weekday == weekday; }};
    case 1:
      return {name + "L", [weekday](const Date& date) { return date.weekday == weekday && date.day + 7 > date.last; }};
    case 2: {
      const int n = number(1, 5);
      return {name + "#" + std::to_string(n), [weekday, n](const Date& date) {
                return date.weekday == weekday && date.day > 7 * (n - 1) && date.day <= 7 * n;
              }};
    }
    default: {
      const RandomField field = random_field(1, 7, 2);
      return {field.text, [field](const Date& date) { return field.contains(date.weekday); }};
    }
  }
}

TEST(CronProperty, RandomDaysThenAsAWalkThroughEveryDay) {
  EXPECT_TRUE(rc::check("next is the walker's", [] {
    const DayRule first = random_day_of_month();
    const DayRule second = random_day_of_month();
    const DayRule of_week = random_day_of_week();
    const RandomField month = random_field(1, 12, 2);
    const bool is_list = first.text != "?" && second.text != "?";
    const std::string days = is_list ? first.text + "," + second.text : first.text;
    const std::string text = "0 0 0 " + days + " " + month.text + " " + of_week.text;
    RC_LOG() << text << "\n";
    const auto matches = [&](const Date& date) {
      const bool day = first.matches(date) || (is_list && second.matches(date));
      return day && of_week.matches(date) && month.contains(date.month);
    };
    constexpr std::chrono::sys_days begin = std::chrono::year(2023) / 1 / 1;
    constexpr std::chrono::sys_days end = std::chrono::year(2030) / 1 / 1;
    const auto cron = Cron::parse(text);
    const auto next_after = [&](WallTime after) {
      return cron ? cron->next(after, *utc()).value_or(WallTime::max()) : WallTime::max();
    };
    WallTime found = next_after(WallTime(begin) - seconds(1));
    for (auto day = begin; day < end; day += std::chrono::days(1)) {
      if (!matches(date_of(day))) continue;
      RC_ASSERT(found < WallTime::max());
      RC_ASSERT(shown(std::chrono::floor<seconds>(found)) == shown(day));
      found = next_after(found);
    }
    RC_ASSERT(found >= end);
  }));
}

}  // namespace
}  // namespace baton

#include "tests/unit/schedule/transition_zone.h"

#include <algorithm>
#include <cstdio>

namespace baton::testing_schedule {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

LocalSeconds local(const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (std::sscanf(text.c_str(), "%d-%u-%u %d:%d:%d", &year, &month, &day, &hour, &minute, &second) < 3) std::abort();
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  return std::chrono::local_days(date) + hours(hour) + minutes(minute) + seconds(second);
}

sys_seconds instant(const std::string& text) { return sys_seconds(local(text).time_since_epoch()); }

std::string shown(sys_seconds instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(instant - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02ld:%02ld:%02ld", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<long>(time.hours().count()), static_cast<long>(time.minutes().count()),
                static_cast<long>(time.seconds().count()));
  return text;
}

seconds TransitionZone::offset_at(sys_seconds time) const {
  seconds offset = first_;
  for (const OffsetChange& change : changes_) {
    if (change.at <= time) offset = change.offset;
  }
  return offset;
}

LocalSeconds TransitionZone::to_local(sys_seconds time) const {
  return LocalSeconds(time.time_since_epoch() + offset_at(time));
}

std::vector<sys_seconds> TransitionZone::instants_of(LocalSeconds wanted) const {
  std::vector<seconds> offsets{first_};
  for (const OffsetChange& change : changes_) offsets.push_back(change.offset);
  std::vector<sys_seconds> found;
  for (const seconds offset : offsets) {
    const sys_seconds candidate(wanted.time_since_epoch() - offset);
    if (to_local(candidate) == wanted) found.push_back(candidate);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

sys_seconds TransitionZone::end_of_gap(LocalSeconds wanted) const {
  for (const OffsetChange& change : changes_) {
    if (to_local(change.at - seconds(1)) < wanted && wanted < to_local(change.at)) return change.at;
  }
  std::abort();
}

const TransitionZone& berlin() {
  static const TransitionZone zone(
      "Europe/Berlin", hours(1),
      {{instant("2026-03-29 01:00:00"), hours(2)}, {instant("2026-10-25 01:00:00"), hours(1)}});
  return zone;
}

const TransitionZone& lord_howe() {
  static const TransitionZone zone(
      "Australia/Lord_Howe", hours(11),
      {{instant("2026-04-04 15:00:00"), minutes(630)}, {instant("2026-10-03 15:30:00"), hours(11)}});
  return zone;
}

const TransitionZone& havana() {
  static const TransitionZone zone(
      "America/Havana", hours(-5),
      {{instant("2026-03-08 05:00:00"), hours(-4)}, {instant("2026-11-01 05:00:00"), hours(-5)}});
  return zone;
}

const TransitionZone& apia() {
  static const TransitionZone zone("Pacific/Apia", hours(-10), {{instant("2011-12-30 10:00:00"), hours(14)}});
  return zone;
}

const TransitionZone& sao_paulo() {
  static const TransitionZone zone(
      "America/Sao_Paulo", hours(-3),
      {{instant("2018-11-04 03:00:00"), hours(-2)}, {instant("2019-02-17 02:00:00"), hours(-3)}});
  return zone;
}

}  // namespace baton::testing_schedule

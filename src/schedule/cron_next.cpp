#include "schedule/cron.h"

#include <algorithm>

namespace baton {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr int years_ahead = 40;

// Each matching local time is one instant: its first, or the end of the gap that skips it. Later local times never
// have earlier instants, so the first match whose instant is after `after` is the answer.
std::optional<sys_seconds> next_of_fixed_hours(const CronFields& fields, sys_seconds after, const Zone& zone) {
  LocalSeconds from = zone.to_local(after) + seconds(1);
  while (const auto match = next_match(fields, from, years_ahead)) {
    const auto instants = zone.instants_of(*match);
    const sys_seconds instant = instants.empty() ? zone.end_of_gap(*match) : instants.front();
    if (instant > after) return instant;
    from = *match + seconds(1);
  }
  return std::nullopt;
}

seconds offset_at(sys_seconds instant, const Zone& zone) {
  return zone.to_local(instant).time_since_epoch() - instant.time_since_epoch();
}

// The first instant in (from, to] at which the offset is not that of `from`. REQUIRES: it is another one at `to`.
sys_seconds first_change(sys_seconds from, sys_seconds to, const Zone& zone) {
  const seconds offset = offset_at(from, zone);
  while (to - from > seconds(1)) {
    const sys_seconds middle = from + (to - from) / 2;
    (offset_at(middle, zone) == offset ? from : to) = middle;
  }
  return to;
}

// Goes forward from `from` to the instant `to`, or to where the zone's offset changes before that. Steps of a day miss
// no change: there is no zone that changed twice within a day.
sys_seconds go_with_steady_offset(sys_seconds from, sys_seconds to, const Zone& zone) {
  const seconds offset = offset_at(from, zone);
  while (from < to) {
    const sys_seconds next = std::min(from + std::chrono::days(1), to);
    if (offset_at(next, zone) != offset) return first_change(from, next, zone);
    from = next;
  }
  return to;
}

// Each instant at which clocks show a matching time. While the offset is steady, local time runs like real time; where
// it changes, the search goes on from what clocks show then.
std::optional<sys_seconds> next_of_real_hours(const CronFields& fields, sys_seconds after, const Zone& zone) {
  sys_seconds from = after + seconds(1);
  const sys_seconds limit = after + std::chrono::years(years_ahead + 1);
  while (from < limit) {
    const LocalSeconds local = zone.to_local(from);
    const auto match = next_match(fields, local, years_ahead);
    if (!match) return std::nullopt;
    const sys_seconds expected = from + (*match - local);
    from = go_with_steady_offset(from, expected, zone);
    if (from == expected && zone.to_local(from) == *match) return from;
  }
  return std::nullopt;
}

}  // namespace

std::optional<WallTime> Cron::next(WallTime after, const Zone& zone) const {
  const auto whole = std::chrono::floor<seconds>(after);
  return fields_.every_real_hour ? next_of_real_hours(fields_, whole, zone) : next_of_fixed_hours(fields_, whole, zone);
}

}  // namespace baton

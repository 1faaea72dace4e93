// A cron expression as the sets of what it matches, and the search for local times in them. Zones play no part here.
#pragma once

#include "schedule/zone.h"

#include <array>
#include <cstdint>
#include <optional>

namespace baton {

// A set of numbers from 0 to 63, bit by bit.
using NumberSet = std::uint64_t;

struct CronFields {
  NumberSet seconds = 0;
  NumberSet minutes = 0;
  NumberSet hours = 0;
  NumberSet months = 0;  // from 1

  // The day of month; a day matches that is in any of these.
  NumberSet days = 0;                  // from 1
  NumberSet days_before_last = 0;      // L is 0, L-3 is 3
  NumberSet nearest_weekdays = 0;      // 15W: Monday to Friday nearest to the 15th, in the same month
  bool last_weekday_of_month = false;  // LW

  // The day of week, 1 is Monday and 7 Sunday; a day must match one of these too.
  NumberSet weekdays = 0;
  std::array<NumberSet, 6> nth_weekdays{};  // FRI#2 is 5 in nth_weekdays[2]; from 1
  NumberSet last_weekdays = 0;              // FRIL

  // `*` or a step in the hour field.
  bool every_real_hour = false;
};

// The first local time at or after `from` that matches; empty if there is none within `years`.
std::optional<LocalSeconds> next_match(const CronFields& fields, LocalSeconds from, int years);

}  // namespace baton

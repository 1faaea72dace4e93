#include "replica/time_words.h"

#include <fmt/format.h>
#include <chrono>

namespace baton {

std::string time_in_words(WallTime time, WallTime now) {
  const auto second = std::chrono::ceil<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::hh_mm_ss clock(second - day);
  const std::string words =
      fmt::format("{:02}:{:02}:{:02}Z", clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (std::chrono::abs(time - now) <= std::chrono::hours(12)) return words;
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02} {}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), words);
}

}  // namespace baton

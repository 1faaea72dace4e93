#include "replica/time_words.h"

#include <fmt/format.h>
#include <chrono>

namespace baton {

std::string time_in_words(WallTime time, WallTime now) {
  using namespace std::chrono;
  const auto second = ceil<seconds>(time);
  const auto day = floor<days>(second);
  const hh_mm_ss clock(second - day);
  const std::string words =
      fmt::format("{:02}:{:02}:{:02}Z", clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (abs(time - now) <= hours(12)) return words;
  const year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02} {}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), words);
}

}  // namespace baton

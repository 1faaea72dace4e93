#include "sqlite/time_text.h"

#include <fmt/format.h>
#include <charconv>

namespace baton {
namespace {

std::optional<unsigned> number(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size()) return std::nullopt;
  unsigned value = 0;
  const char* end = text.data() + at + digits;
  const auto [rest, error] = std::from_chars(text.data() + at, end, value);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

}  // namespace

std::string time_text(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::optional<WallTime> time_from(std::string_view text) {
  const auto y = number(text, 0, 4), mo = number(text, 5, 2), d = number(text, 8, 2);
  const auto h = number(text, 11, 2), mi = number(text, 14, 2), s = number(text, 17, 2);
  if (!y || !mo || !d || !h || !mi || !s) return std::nullopt;
  std::chrono::microseconds fraction{0};
  if (text.size() > 20) {
    std::string digits(text.substr(20, 6));
    digits.resize(6, '0');
    fraction = std::chrono::microseconds(number(digits, 0, 6).value_or(0));
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*y)), std::chrono::month(*mo),
                                         std::chrono::day(*d)};
  if (!date.ok()) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(*h) + std::chrono::minutes(*mi) +
         std::chrono::seconds(*s) + fraction;
}

}  // namespace baton

#include "base/duration.h"

#include <fmt/format.h>
#include <array>
#include <charconv>

namespace baton {
namespace {

struct Unit {
  std::string_view suffix;
  std::int64_t milliseconds;
};

constexpr std::array<Unit, 5> units{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::int64_t max_milliseconds = 100LL * 366 * 86'400'000;

Result<Duration> too_long(std::string_view text) {
  return fail(ErrorKind::invalid, fmt::format("'{}' is too long: expected at most 36600d, such as 20s or 90d", text));
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const auto refused = [&] {
    return fail(
        ErrorKind::invalid,
        fmt::format("'{}' is no duration: expected a whole number and a unit, such as 500ms, 20s, 5m, 1h or 90d",
                    text));
  };
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc::result_out_of_range && text.front() != '-') return too_long(text);
  if (error != std::errc{} || rest == text.data() || number < 0) return refused();
  const std::string_view suffix(rest, static_cast<std::size_t>(end - rest));
  for (const Unit& unit : units) {
    if (suffix != unit.suffix) continue;
    if (number > max_milliseconds / unit.milliseconds) return too_long(text);
    return Duration(number * unit.milliseconds);
  }
  return refused();
}

std::string to_text(Duration duration) {
  for (const Unit& unit : units) {
    if (duration.count() != 0 && duration.count() % unit.milliseconds == 0) {
      return fmt::format("{}{}", duration.count() / unit.milliseconds, unit.suffix);
    }
  }
  return fmt::format("{}ms", duration.count());
}

}  // namespace baton

#include "app/duration_words.h"

#include <fmt/format.h>

namespace baton {
namespace {

std::string two_units(std::int64_t most, const char* most_unit, std::int64_t rest, const char* rest_unit) {
  return rest == 0 ? fmt::format("{} {}", most, most_unit)
                   : fmt::format("{} {} {} {}", most, most_unit, rest, rest_unit);
}

std::string whole_seconds(std::int64_t seconds) {
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3'600) return two_units(seconds / 60, "min", seconds % 60, "s");
  if (seconds < 86'400) return two_units(seconds / 3'600, "h", seconds % 3'600 / 60, "min");
  return two_units(seconds / 86'400, "d", seconds % 86'400 / 3'600, "h");
}

}  // namespace

std::string in_words(Duration duration) {
  if (duration.count() < 0) duration = Duration(0);
  if (duration < Duration(10'000)) return fmt::format("{:.2f} s", static_cast<double>(duration.count()) / 1'000.0);
  return whole_seconds(duration.count() / 1'000);
}

std::string ago(WallTime then, WallTime now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now - then).count();
  return seconds < 1 ? "just now" : whole_seconds(seconds) + " ago";
}

std::string from_now(WallTime then, WallTime now) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(then - now).count();
  return seconds < 1 ? "now" : "in " + whole_seconds(seconds);
}

}  // namespace baton

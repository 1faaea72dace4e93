#include "batch/skip_policy.h"

#include "base/utf8.h"

#include <fmt/format.h>

namespace baton {

bool SkipPolicy::allows(std::int64_t records, std::int64_t rejected, bool at_end) const {
  if (rejected == 0) return true;
  if (!limit && !percent) return false;
  if (limit && static_cast<std::uint64_t>(rejected) > *limit) return false;
  if (!percent || (!at_end && records < min_sample)) return true;
  return 100.0 * static_cast<double>(rejected) <= *percent * static_cast<double>(records);
}

std::int64_t SkipPolicy::most(std::int64_t records) const {
  std::int64_t low = 0;
  for (std::int64_t high = records; low < high;) {
    const std::int64_t middle = low + (high - low + 1) / 2;
    if (allows(records, middle, true)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

std::string SkipPolicy::text() const {
  if (limit && percent) return fmt::format("skip allows {} and {} %", *limit, *percent);
  if (percent) return fmt::format("skip allows {} %", *percent);
  return fmt::format("skip allows {}", limit.value_or(0));
}

std::string describe(const Reject& reject, const std::string& input) {
  std::string text = input;
  if (reject.line > 0) text += fmt::format(":{}", reject.line);
  text += fmt::format(" (record {})", reject.record);
  if (!reject.column.empty()) text += fmt::format(", column \"{}\"", reject.column);
  if (!reject.column.empty() || !reject.value.empty()) text += fmt::format(", value \"{}\"", visible(reject.value));
  return text + ": " + reject.reason;
}

}  // namespace baton

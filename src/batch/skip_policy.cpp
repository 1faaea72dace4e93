#include "batch/skip_policy.h"

#include <fmt/format.h>

namespace baton {

bool SkipPolicy::allows(std::int64_t records, std::int64_t rejected, bool at_end) const {
  if (rejected == 0) return true;
  if (!limit && !percent) return false;
  if (limit && static_cast<std::uint64_t>(rejected) > *limit) return false;
  if (!percent || (!at_end && records < min_sample)) return true;
  return 100.0 * static_cast<double>(rejected) <= *percent * static_cast<double>(records);
}

std::string SkipPolicy::text() const {
  if (limit && percent) return fmt::format("skip allows {} and {} %", *limit, *percent);
  if (percent) return fmt::format("skip allows {} %", *percent);
  return fmt::format("skip allows {}", limit.value_or(0));
}

namespace {

// What came in a file must not split lines or steer a terminal.
std::string visible(const std::string& value) {
  std::string text;
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
    } else if (c == '\r') {
      text += "\\r";
    } else if (c == '\t') {
      text += "\\t";
    } else if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::string describe(const Reject& reject, const std::string& input) {
  std::string text = input;
  if (reject.line > 0) text += fmt::format(":{}", reject.line);
  text += fmt::format(" (record {})", reject.record);
  if (!reject.column.empty()) text += fmt::format(", column \"{}\"", reject.column);
  if (!reject.column.empty() || !reject.value.empty()) text += fmt::format(", value \"{}\"", visible(reject.value));
  return text + ": " + reject.reason;
}

}  // namespace baton

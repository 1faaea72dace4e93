#include "base/suggestion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace baton {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto equal = [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  };
  // Three rows of the table of distances between prefixes: before the previous, previous, current.
  std::vector<std::size_t> older, previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t column = 0; column <= b.size(); ++column) previous[column] = column;
  for (std::size_t row = 1; row <= a.size(); ++row) {
    current[0] = row;
    for (std::size_t column = 1; column <= b.size(); ++column) {
      const std::size_t replaced = previous[column - 1] + (equal(a[row - 1], b[column - 1]) ? 0 : 1);
      current[column] = std::min({previous[column] + 1, current[column - 1] + 1, replaced});
      const bool swapped =
          row > 1 && column > 1 && equal(a[row - 1], b[column - 2]) && equal(a[row - 2], b[column - 1]);
      if (swapped) current[column] = std::min(current[column], older[column - 2] + 1);
    }
    older = previous;
    previous = current;
  }
  return previous[b.size()];
}

std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& names) {
  constexpr std::size_t longest_name = 100;
  if (name.size() > longest_name) return std::nullopt;
  std::optional<std::string> best;
  std::size_t least = name.size() <= 3 ? 2 : name.size() <= 7 ? 3 : 4;
  for (const std::string& candidate : names) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < least && distance < candidate.size()) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& names) {
  const auto meant = nearest(name, names);
  return meant ? fmt::format(", did you mean `{}`?", *meant) : "";
}

}  // namespace baton

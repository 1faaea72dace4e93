#include "monitor/trouble.h"

#include <algorithm>
#include <array>

namespace baton {
namespace {

constexpr std::array<std::string_view, trouble_kinds> trouble_names{
    "overdue",        "failing",        "held_back",   "stalled",           "unowned",
    "no_capacity",    "replica_silent", "paused_long", "nobodys_execution", "configurations_differ",
    "monitor_silent", "store_away"};

}  // namespace

std::string_view name(Trouble trouble) { return trouble_names[static_cast<std::size_t>(trouble)]; }

std::optional<Trouble> trouble_of(std::string_view kind) {
  const auto* const known = std::find(trouble_names.begin(), trouble_names.end(), kind);
  if (known == trouble_names.end()) return std::nullopt;
  return static_cast<Trouble>(known - trouble_names.begin());
}

}  // namespace baton

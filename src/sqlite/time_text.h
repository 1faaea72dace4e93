// Times as SQLite's repository stores them: UTC, YYYY-MM-DD HH:MM:SS.ffffff.
#pragma once

#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace baton {

std::string time_text(WallTime time);

// Absent for text that is no such time; fractions may be missing or shorter.
std::optional<WallTime> time_from(std::string_view text);

}  // namespace baton

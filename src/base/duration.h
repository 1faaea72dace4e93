// Durations as users write them: 500ms, 20s, 5m, 1h, 90d.
#pragma once

#include "base/clock.h"
#include "baton/result.h"

#include <string>
#include <string_view>

namespace baton {

// `invalid` for anything but a whole number directly followed by ms, s, m, h or d, and above 100 years.
Result<Duration> parse_duration(std::string_view text);

// The shortest exact form, for example 1500ms, 20s, 90d.
std::string to_text(Duration duration);

}  // namespace baton

// Moments as log lines and reasons show them.
#pragma once

#include "base/clock.h"

#include <string>

namespace baton {

// "12:00:05Z", and with its date where it is more than half a day away: "2026-03-01 12:00:05Z". In whole seconds,
// rounded up.
std::string time_in_words(WallTime time, WallTime now);

}  // namespace baton

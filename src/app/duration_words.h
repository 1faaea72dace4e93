// Durations, and how far away a moment is, as people say them.
#pragma once

#include "base/clock.h"

#include <string>

namespace baton {

// "0.34 s", "12 s", "2 min 5 s", "3 h 4 min", "5 d 2 h".
std::string in_words(Duration duration);

// "12 s ago"; "just now" within the last second, and for the future.
std::string ago(WallTime then, WallTime now);

// "in 3 s"; "now" where it has come.
std::string from_now(WallTime then, WallTime now);

}  // namespace baton

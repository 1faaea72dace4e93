// When what does not end by itself is ended, counted from the first SIGTERM (P22).
#pragma once

#include "base/clock.h"

#include <algorithm>

namespace baton {

struct ShutdownTimes {
  Duration kill{0};   // SIGKILL to a command that was sent SIGTERM
  Duration leave{0};  // the process itself ends, before somebody else's SIGKILL does it at the end of the grace
};

// A killed command's end is still to be written down before the process leaves: kill comes before leave.
constexpr ShutdownTimes shutdown_times(Duration grace) {
  constexpr Duration kill_reserve(2'000), leave_reserve(1'000);
  grace = std::max(grace, Duration(0));
  return {grace - std::min(kill_reserve, grace / 2), grace - std::min(leave_reserve, grace / 20)};
}

}  // namespace baton

// A day on which replicas die, stand still and are updated while their monitors move about: what they tell must be
// true.
#pragma once

#include "tests/simulation/replica_monitors.h"

#include <cstdint>
#include <optional>
#include <string>

namespace baton {

struct TroubledDayReport {
  std::optional<std::string> violation;
  double replica_hours = 0;
};

// About three hours of three replicas. The seed decides what happens, and when.
TroubledDayReport troubled_day(std::uint64_t seed, const MonitorBugs& bugs);

}  // namespace baton

// Liveness: after the last fault everything comes right within bounds.
#pragma once

#include "tests/simulation/simulation.h"

namespace baton {

// The bounds, from when the last fault is over. L lease, R refresh, H heartbeat, D database timeout; "allowances" are
// calls: each is answered within 2 × latency.
struct HealthBounds {
  TrueTime owned{0};
  TrueTime completed{0};
  TrueTime closed{0};
  TrueTime balanced{0};
  TrueTime silence{0};
};
HealthBounds health_bounds(const SimulationPlan& plan);

// Runs on, with every fault gone, and reports what does not come right as a violation:
//   every job is owned again (P6), as far as there are tokens
//   each owned job's run completes
//   no open execution is left without an owner (P16)
//   shares are equal, and then nothing moves any more: no offer, no lease changes hands (P20)
void check_health(Simulation& simulation);

}  // namespace baton

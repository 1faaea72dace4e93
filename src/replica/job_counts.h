// What a replica counts of a job and of its leases, since its process started.
#pragma once

#include "base/duration_tally.h"

#include <cstdint>

namespace baton {

struct JobCounts {
  std::uint64_t acquisitions = 0;
  std::uint64_t losses_idle = 0;  // leases lost: not released, not given away
  std::uint64_t losses_running = 0;
  std::uint64_t refused = 0;  // runs that the fence or the lease's deadline ended
  DurationTally lateness;     // of starts by the schedule
};

struct RenewalCounts {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  DurationTally latency;  // of batches
};

}  // namespace baton

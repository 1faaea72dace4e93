// The three durations of the lease protocol, and what follows from them (P3, P6).
#pragma once

#include "base/clock.h"
#include "baton/result.h"

namespace baton {

struct LeaseTimings {
  Duration lease{20'000};
  Duration heartbeat{5'000};
  Duration refresh{1'000};

  // How long before the lease's end its owner stops to trust it: max(200 ms, lease / 10).
  Duration margin() const;

  // `invalid` unless all are positive and lease ≥ 2 × heartbeat + margin; the message names the least lease.
  Status check() const;
};

}  // namespace baton

// One held lease, as the code that works under it sees it.
#pragma once

#include "base/clock.h"
#include "baton/result.h"

namespace baton {

// Thread-safe.
class LeaseHold {
 public:
  LeaseHold() = default;
  LeaseHold(const LeaseHold&) = delete;
  LeaseHold& operator=(const LeaseHold&) = delete;
  virtual ~LeaseHold() = default;

  // Before this instant, not at it, the lease is surely mine (P3); from then on nothing commits. Not after the moment
  // of its loss, once the lease is lost or released.
  virtual Instant trusted_until() const = 0;

  // Success proves that the lease was mine at some moment after this call began: a renewal that was sent after that
  // succeeded (P8). `lease_lost` if it is not mine any more; `retry` if trust ran out before an answer came.
  virtual Status renew_now() = 0;
};

}  // namespace baton

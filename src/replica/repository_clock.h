// The time of the job repository's clock, on which schedules run (P17): read at each look, carried on by our own.
#pragma once

#include "base/clock.h"

#include <optional>

namespace baton {

// Not thread-safe.
class RepositoryClock {
 public:
  void answered(WallTime repository_now, Instant at);

  bool known() const { return reading_.has_value(); }

  // REQUIRES: known().
  WallTime now(Instant now) const;

  // When now() will be `time`; Instant::max() for what is more than a century away. REQUIRES: known().
  Instant when(WallTime time) const;

 private:
  struct Reading {
    WallTime time;
    Instant at;
  };

  std::optional<Reading> reading_;
};

}  // namespace baton

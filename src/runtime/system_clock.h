// The machine's clocks: CLOCK_BOOTTIME for durations, the wall clock for people.
#pragma once

#include "base/clock.h"

namespace baton {

class SystemClock final : public Clock {
 public:
  Instant now() const override;
  WallTime wall_now() const override;
  bool wait_until(Instant until, std::stop_token stop) override;
};

}  // namespace baton

// A clock on which every wait is over at once: it jumps to the wait's end.
#pragma once

#include "base/clock.h"

#include <mutex>
#include <vector>

namespace baton {

// Thread-safe.
class SteppingClock final : public Clock {
 public:
  Instant now() const override {
    const std::scoped_lock lock(mutex_);
    return now_;
  }
  WallTime wall_now() const override { return WallTime(now().time_since_epoch()); }
  bool wait_until(Instant until, std::stop_token stop) override {
    if (stop.stop_requested()) return false;
    const std::scoped_lock lock(mutex_);
    waits_.push_back(std::chrono::duration_cast<Duration>(until - now_));
    if (until > now_) now_ = until;
    return true;
  }

  void advance(Duration by) {
    const std::scoped_lock lock(mutex_);
    now_ += by;
  }
  std::vector<Duration> waits() const {
    const std::scoped_lock lock(mutex_);
    return waits_;
  }

 private:
  mutable std::mutex mutex_;
  Instant now_{std::chrono::hours(1)};
  std::vector<Duration> waits_;
};

}  // namespace baton

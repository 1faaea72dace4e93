// A clock that a test moves. Nobody sleeps: a wait ends when the test advances past it.
#pragma once

#include "base/clock.h"

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>

namespace baton {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start = Instant(std::chrono::hours(1))) : now_(start) {}

  Instant now() const override {
    const std::scoped_lock lock(mutex_);
    return now_;
  }

  WallTime wall_now() const override { return WallTime(now().time_since_epoch()); }

  bool wait_until(Instant until, std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    const auto self = waits_.insert(waits_.end(), Wait{until, stop});
    changed_.notify_all();
    const bool came = changed_.wait(lock, stop, [&] { return now_ >= until; });
    waits_.erase(self);
    return came;
  }

  void advance(Duration by) { advance_to(now() + by); }

  void advance_to(Instant to) {
    const std::scoped_lock lock(mutex_);
    now_ = std::max(now_, to);
    changed_.notify_all();
  }

  // Blocks until so many threads wait for a moment that is still to come; the earliest of those moments.
  Instant await_waiters(std::size_t count) {
    std::unique_lock lock(mutex_);
    Instant earliest = Instant::max();
    changed_.wait(lock, [&] {
      std::size_t asleep = 0;
      earliest = Instant::max();
      for (const Wait& wait : waits_) {
        if (wait.until <= now_ || wait.stop.stop_requested()) continue;
        ++asleep;
        earliest = std::min(earliest, wait.until);
      }
      return asleep >= count;
    });
    return earliest;
  }

 private:
  struct Wait {
    Instant until;
    std::stop_token stop;
  };

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Instant now_;
  std::list<Wait> waits_;
};

}  // namespace baton

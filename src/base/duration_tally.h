// How many times something was measured, how long it took together, and at most of late.
#pragma once

#include "base/clock.h"

#include <algorithm>
#include <cstdint>

namespace baton {

// Not thread-safe. The longest is that of the last one to two minutes, as people want it on a chart.
class DurationTally {
 public:
  void add(std::chrono::microseconds length, Instant now) {
    ++count_;
    sum_ += length;
    turn(now);
    longest_ = std::max(longest_, length);
  }

  std::uint64_t count() const { return count_; }
  std::chrono::microseconds sum() const { return sum_; }
  std::chrono::microseconds longest(Instant now) const {
    DurationTally turned = *this;
    turned.turn(now);
    return std::max(turned.longest_, turned.longest_before_);
  }

 private:
  static constexpr std::chrono::minutes period{1};

  void turn(Instant now) {
    if (now < period_ends_) return;
    const bool next = now < period_ends_ + period;
    longest_before_ = next ? longest_ : std::chrono::microseconds(0);
    longest_ = std::chrono::microseconds(0);
    period_ends_ = now + period;
  }

  std::uint64_t count_ = 0;
  std::chrono::microseconds sum_{0};
  std::chrono::microseconds longest_{0};
  std::chrono::microseconds longest_before_{0};
  Instant period_ends_{Instant::min()};
};

}  // namespace baton

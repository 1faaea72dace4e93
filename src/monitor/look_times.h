// When a monitor looks: every so often (a round), and in between when time alone can change what it finds.
#pragma once

#include "base/clock.h"

#include <algorithm>
#include <optional>

namespace baton {

// Not thread-safe.
class LookTimes {
 public:
  // What is due sooner after the last look waits for this long, or for the next round.
  static constexpr Duration shortest_pause{1'000};

  LookTimes(Duration every, Instant first) : every_(every), round_(first), next_(first) {}

  Instant next() const { return next_; }
  // Whether the next look is a round.
  bool is_round() const { return next_ >= round_; }

  // That look is over. `changes_at`: see GlobalMonitor; absent: nothing is worth a look before the next round.
  void looked(std::optional<Instant> changes_at, Instant now) {
    if (is_round()) round_ = std::max(round_ + every_, now);
    next_ = changes_at ? std::min(round_, std::max<Instant>(*changes_at, now + shortest_pause)) : round_;
  }

 private:
  Duration every_;
  Instant round_;  // the next one
  Instant next_;
};

}  // namespace baton

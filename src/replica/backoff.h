// Waits that double.
#pragma once

#include "base/clock.h"
#include "base/random.h"

#include <algorithm>

namespace baton {

class Backoff {
 public:
  Backoff(Duration first, Duration most) : first_(first), most_(most), next_(first) {}

  // How long to wait now.
  Duration next() {
    const Duration now = next_;
    next_ = std::min(next_ * 2, most_);
    return now;
  }

  // Shortened by up to a half at random, so that replicas do not come back together. At most `at_most`.
  Duration next(Random& random, Duration at_most = Duration::max()) {
    const Duration whole = std::min(next(), at_most);
    const auto half = static_cast<std::uint64_t>(whole.count() / 2);
    return whole - Duration(static_cast<std::int64_t>(below(random, half + 1)));
  }

  void reset() { next_ = first_; }

 private:
  Duration first_;
  Duration most_;
  Duration next_;
};

}  // namespace baton

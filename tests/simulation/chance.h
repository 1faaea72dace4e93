// Draws for the simulation; all of them come from the seed.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "tests/simulation/event_queue.h"

#include <cmath>
#include <vector>

namespace baton {

// In [0, 1).
inline double share(Random& random) { return static_cast<double>(random.bits() >> 11) * 0x1.0p-53; }

inline bool chance(Random& random, double probability) { return probability > 0 && share(random) < probability; }

// In [least, most].
inline std::int64_t between(Random& random, std::int64_t least, std::int64_t most) {
  return least + static_cast<std::int64_t>(below(random, static_cast<std::uint64_t>(most - least + 1)));
}
inline TrueTime between(Random& random, TrueTime least, TrueTime most) {
  return TrueTime(between(random, least.count(), most.count()));
}

// As often between 1 and 2 as between 100 and 200.
inline Duration log_between(Random& random, Duration least, Duration most) {
  const double ratio = static_cast<double>(most.count()) / static_cast<double>(least.count());
  return Duration(static_cast<std::int64_t>(static_cast<double>(least.count()) * std::pow(ratio, share(random))));
}

// Gaps between events that know nothing of each other.
inline TrueTime exponential(Random& random, TrueTime mean) {
  return TrueTime(static_cast<std::int64_t>(-std::log1p(-share(random)) * static_cast<double>(mean.count())));
}

template <class T>
const T& one_of(Random& random, const std::vector<T>& choices) {
  return choices[static_cast<std::size_t>(below(random, choices.size()))];
}

}  // namespace baton

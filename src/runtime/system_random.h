// Randomness from the kernel.
#pragma once

#include "base/random.h"

namespace baton {

// Thread-safe, and safe across fork(): it keeps no state.
class SystemRandom final : public Random {
 public:
  std::uint64_t bits() override;
};

}  // namespace baton

#include "base/random.h"

#include <fmt/format.h>

namespace baton {

std::uint64_t below(Random& random, std::uint64_t bound) { return bound == 0 ? 0 : random.bits() % bound; }

std::string uuid(Random& random) {
  const std::uint64_t high = (random.bits() & 0xFFFFFFFFFFFF0FFFULL) | 0x0000000000004000ULL;
  const std::uint64_t low = (random.bits() & 0x3FFFFFFFFFFFFFFFULL) | 0x8000000000000000ULL;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFF, high & 0xFFFF, low >> 48,
                     low & 0xFFFFFFFFFFFFULL);
}

std::string hex(Random& random, int digits) {
  return fmt::format("{:016x}", random.bits()).substr(0, static_cast<std::size_t>(digits));
}

}  // namespace baton

#include "runtime/system_random.h"

#include <sys/random.h>
#include <cstdlib>

namespace baton {

std::uint64_t SystemRandom::bits() {
  std::uint64_t value = 0;
  // Up to 256 bytes are never cut short; only a signal while the kernel's pool is first filled can interrupt.
  for (int attempt = 0; attempt < 100; ++attempt) {
    if (getrandom(&value, sizeof value, 0) == static_cast<ssize_t>(sizeof value)) return value;
  }
  std::abort();  // a kernel without getrandom: owner names would not be unique
}

}  // namespace baton

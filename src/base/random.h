// Randomness comes in through Random, so that a simulation can repeat it from a seed.
#pragma once

#include <cstdint>
#include <string>

namespace baton {

// Thread-safe where the implementation says so; the shipped one is.
class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;

  // 64 independent bits.
  virtual std::uint64_t bits() = 0;
};

// A number in [0, bound); 0 for bound 0.
std::uint64_t below(Random& random, std::uint64_t bound);

// A random (version 4) UUID: 36 characters, lower case.
std::string uuid(Random& random);

// `digits` lower-case hexadecimal digits, at most 16.
std::string hex(Random& random, int digits);

}  // namespace baton

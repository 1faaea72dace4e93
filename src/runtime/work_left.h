// Counts what is under way, for who waits until nothing is.
#pragma once

#include "base/clock.h"
#include "runtime/bell.h"

#include <cstddef>
#include <mutex>

namespace baton {

// Thread-safe.
class WorkLeft {
 public:
  void begin(std::size_t count = 1);
  void end();
  // At most until then; false where that came first.
  bool wait_until_none(Clock& clock, Instant until);

 private:
  std::mutex mutex_;
  std::size_t count_ = 0;
  Bell none_;
};

}  // namespace baton

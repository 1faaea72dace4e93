#include "runtime/work_left.h"

namespace baton {

void WorkLeft::begin(std::size_t count) {
  const std::scoped_lock lock(mutex_);
  count_ += count;
}

void WorkLeft::end() {
  const std::scoped_lock lock(mutex_);
  if (--count_ == 0) none_.ring();
}

bool WorkLeft::wait_until_none(Clock& clock, Instant until) {
  std::unique_lock lock(mutex_);
  while (count_ > 0) {
    const std::stop_token none = none_.listen();
    lock.unlock();
    if (clock.wait_until(until, none)) return false;
    lock.lock();
  }
  return true;
}

}  // namespace baton

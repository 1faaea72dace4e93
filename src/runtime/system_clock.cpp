#include "runtime/system_clock.h"

#include <time.h>
#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace baton {

Instant SystemClock::now() const {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return Instant(std::chrono::duration_cast<Instant::duration>(std::chrono::seconds(time.tv_sec) +
                                                               std::chrono::nanoseconds(time.tv_nsec)));
}

WallTime SystemClock::wall_now() const {
  return std::chrono::time_point_cast<WallTime::duration>(std::chrono::system_clock::now());
}

bool SystemClock::wait_until(Instant until, std::stop_token stop) {
  // A condition variable counts time that a suspended machine does not have: look at the clock once a second.
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  for (Instant time = now(); time < until; time = now()) {
    if (stop.stop_requested()) return false;
    const auto slice = std::min<Instant::duration>(until - time, std::chrono::seconds(1));
    never.wait_for(lock, stop, slice, [] { return false; });
  }
  return true;
}

}  // namespace baton

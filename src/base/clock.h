// Time comes in through Clock. Durations are measured on CLOCK_BOOTTIME, which goes on while a machine is
// suspended; wall time is only for people, for metadata rows and for schedules.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>

namespace baton {

using Duration = std::chrono::milliseconds;

// CLOCK_BOOTTIME as a type. It has no now(): ask a Clock.
struct BootTime {
  using rep = std::int64_t;
  using period = std::micro;
  using duration = std::chrono::microseconds;
  using time_point = std::chrono::time_point<BootTime, duration>;
  static constexpr bool is_steady = true;
};

using Instant = BootTime::time_point;
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

// Thread-safe.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  virtual Instant now() const = 0;
  virtual WallTime wall_now() const = 0;

  // Blocks until `until` has come or `stop` is requested. True if the instant has come.
  virtual bool wait_until(Instant until, std::stop_token stop) = 0;
};

}  // namespace baton

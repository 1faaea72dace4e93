// Repeats of a metadata transaction while the lease is trusted.
#pragma once

#include "batch/authority.h"
#include "baton/result.h"

#include <algorithm>
#include <stop_token>

namespace baton {

// Calls `attempt` until it does not return `retry`, with a pause that doubles from 10 ms and ends at 1 s. Ends with the
// last error once the guard has passed: nothing may be written then; and once `stop` is requested.
template <class T, class Attempt>
Result<T> persist(Clock& clock, const Guard& guard, const Attempt& attempt, const std::stop_token& stop = {}) {
  Duration pause(10);
  while (true) {
    Result<T> done = attempt();
    if (done || done.error().kind != ErrorKind::retry || !guard.passed()) return done;
    if (!clock.wait_until(clock.now() + pause, stop)) return done;
    pause = std::min(pause * 2, Duration(1'000));
  }
}

}  // namespace baton

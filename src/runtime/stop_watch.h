// Watches for a person's stop of a running execution, for steps that commit no chunks (P10, P18).
#pragma once

#include "base/clock.h"
#include "batch/control.h"

#include <atomic>
#include <stop_token>
#include <thread>

namespace baton {

// Polls `control` every `refresh` from a thread of its own and requests `stop` once a stop is asked for. Errors of the
// store are passed over: the next poll asks again. `control` is used by no other thread.
class StopWatch {
 public:
  StopWatch(Control& control, Clock& clock, Duration refresh, const std::stop_source& stop);

  // The execution to watch from now on. Thread-safe.
  void watch(std::int64_t job_execution_id) { execution_ = job_execution_id; }

 private:
  std::atomic<std::int64_t> execution_{0};
  std::jthread thread_;
};

}  // namespace baton

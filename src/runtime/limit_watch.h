// Watches the limits of a run that no replica watches (baton run --once).
#pragma once

#include "base/clock.h"
#include "batch/run_signals.h"
#include "replica/replica_settings.h"

#include <functional>
#include <stop_token>
#include <string>
#include <thread>

namespace baton {

// From a thread of its own: requests `stop` of a run that takes too long, or makes no progress where that is not to be
// reported only; it has failed then. What is given outlives it.
class LimitWatch {
 public:
  LimitWatch(const RunLimits& limits, RunSignals& signals, Clock& clock, const std::stop_source& stop,
             std::function<void(const std::string&)> warn);

 private:
  std::jthread thread_;
};

}  // namespace baton

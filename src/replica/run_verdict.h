// Is a run within its limits? By what it noted of its progress.
#pragma once

#include "base/clock.h"
#include "batch/run_signals.h"
#include "replica/replica_settings.h"

#include <optional>

namespace baton {

struct RunVerdict {
  std::optional<CutShort> broken;  // the limit that it has broken; a timeout before a stall
  Instant look_again{};            // unless it is a timeout: when the next one may be broken
};

RunVerdict judge_run(const RunLimits& limits, Instant began, Instant last_progress, Instant now);

}  // namespace baton

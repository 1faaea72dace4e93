// baton run --once, restart and abandon: without being a replica. A live replica that owns a job is asked for it; else
// the job is run here, under its lease.
#pragma once

#include "app/log.h"
#include "app/native_parts.h"
#include "app/once_report.h"
#include "app/stores.h"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace baton {

enum class OnceAction { run, restart, abandon };

struct OnceRequest {
  OnceAction action = OnceAction::run;
  std::vector<const JobConfig*> jobs;
  JobParameters parameters;      // added to each job's own, for a new instance
  std::optional<Duration> wait;  // for a lease that another one holds
  bool from_start = false;       // append again what another program has begun; not with abandon
};

// At most replica.tokens jobs at a time, each on a thread of its own; each lease is released as its run ends. One
// report for each job, in the order asked for. An error is one of the configuration or of a store that all need.
Result<std::vector<OnceReport>> run_once(const Config& config, const OnceRequest& request, Stores& stores, Clock& clock,
                                         Random& random, Log& log, const NativeParts& natives, std::stop_token stop);

}  // namespace baton

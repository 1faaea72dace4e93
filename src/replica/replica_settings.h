// What a replica is told at its start; the same for every replica of a Deployment, but for the id.
#pragma once

#include "lease/lease_timings.h"
#include "schedule/schedule.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

enum class Balance {
  fair,   // P20: a share of the jobs, and offers
  greedy  // free tokens take free jobs
};

enum class StallAction {
  report,   // the run goes on
  restart,  // it is cancelled, and runs again
  release   // it is cancelled, and the lease is given up
};

// What bounds a run.
struct RunLimits {
  std::optional<Duration> timeout;  // of one execution
  std::optional<Duration> stall;    // without progress
  StallAction on_stall = StallAction::report;
};

struct ReplicaJob {
  std::string name;
  Schedule schedule;
  int restarts = 0;  // on_failure
  Duration backoff{5'000};
  RunLimits limits = {};
  Duration grace{30'000};  // lateness that is no news
};

struct ReplicaSettings {
  std::string id;  // unique per process start; the leases' owner name
  std::int64_t pid = 0;
  std::int64_t tokens = 1;
  Balance balance = Balance::fair;
  LeaseTimings timings;
  std::string config_hash;
  std::vector<ReplicaJob> jobs;
};

}  // namespace baton

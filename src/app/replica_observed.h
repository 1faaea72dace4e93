// What a replica's HTTP service shows: from the replica's own memory, never from a store.
#pragma once

#include "app/run_meter.h"
#include "config/config.h"
#include "runtime/replica_watch.h"
#include "server/observed.h"

#include <functional>
#include <string>
#include <vector>

namespace baton {

// What monitoring says of a job, and of itself, beside what the replica knows; filled where that is judged.
struct MonitoringShown {
  std::vector<std::string> states;  // that a job can be in
  // By job, where this replica owns it, or one of the monitors is in this process: the one that looked last says it.
  std::map<std::string, std::string_view> job_state;
  std::vector<std::pair<std::string, std::int64_t>> alerts;
  std::vector<MonitorShown> monitors;
};

struct ObservedParts {
  const Config* config = nullptr;
  std::string replica;
  std::int64_t tokens = 1;
  const ReplicaWatch* watch = nullptr;
  const RunMeter* meter = nullptr;
  const Clock* clock = nullptr;
  // Thread-safe, from memory. May be empty.
  std::function<MonitoringShown(Instant now)> monitoring;
};

// Thread-safe. Everything in `parts` outlives it.
class ReplicaObserved final : public Observed {
 public:
  explicit ReplicaObserved(ObservedParts parts);

  MetricsSnapshot metrics() const override;
  ServerHealth health() const override;

 private:
  struct Expected {
    double interval = 0;
    double grace = 0;
  };

  JobMetrics metrics_of(const JobView& job, Instant now) const;
  ServerHealth health_of(const ReplicaPulse& pulse) const;

  const ObservedParts parts_;
  const Duration live_within_;
  std::map<std::string, Expected> expected_;  // by job
};

// How long ago the last tick of a live replica may be.
Duration live_within(Duration lease);

}  // namespace baton

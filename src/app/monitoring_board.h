// What this replica, and the global monitors that it runs, saw last, for its metrics.
#pragma once

#include "app/replica_observed.h"
#include "base/duration_tally.h"
#include "batch/alerts.h"
#include "monitor/job_health.h"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace baton {

// Thread-safe. Every kind of alert and every monitor of the configuration is there from the start.
class MonitoringBoard {
 public:
  explicit MonitoringBoard(const Config& config);
  MonitoringBoard(const MonitoringBoard&) = delete;
  MonitoringBoard& operator=(const MonitoringBoard&) = delete;
  ~MonitoringBoard() = default;

  // After a look of `monitor` at everything: the alerts that are open, when each monitor has looked, and how the jobs
  // are.
  void looked(const std::string& monitor, const std::vector<Alert>& open, const std::vector<MonitorPass>& passes,
              const std::map<std::string, HealthState>& jobs);
  // After a look of the replica at its own jobs: nobody knows them better.
  void looked_at_own(const std::vector<Alert>& open, const std::map<std::string, HealthState>& jobs);
  // How long a monitor's look took, from `began` to `ended`.
  void timed(const std::string& monitor, Instant began, Instant ended);
  // Another replica has it now, and knows more.
  void lost(const std::string& monitor);

  MonitoringShown shown(Instant now) const;

 private:
  struct Seen {
    std::map<std::string, std::int64_t> open;  // by kind
    std::map<std::string, HealthState> jobs;
    std::uint64_t look = 0;  // counted over all monitors
  };
  static std::map<std::string, std::int64_t> counted(const std::vector<Alert>& open);

  mutable std::mutex mutex_;
  std::uint64_t looks_ = 0;
  Seen own_;
  std::map<std::string, Seen> seen_;  // by monitor
  std::map<std::string, MonitorShown> monitors_;
  std::map<std::string, DurationTally> passes_;
};

}  // namespace baton

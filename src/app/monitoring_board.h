// What the global monitors of this process saw last, for its metrics.
#pragma once

#include "app/replica_observed.h"
#include "batch/alerts.h"

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

  // After a look of `monitor` at everything: the alerts that are open, and when each monitor has looked.
  void looked(const std::string& monitor, const std::vector<Alert>& open, const std::vector<MonitorPass>& passes);
  // Another replica has it now, and knows more.
  void lost(const std::string& monitor);

  MonitoringShown shown() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::map<std::string, std::int64_t>> open_;  // by monitor, by kind
  std::map<std::string, MonitorShown> monitors_;
};

}  // namespace baton

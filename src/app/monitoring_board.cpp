#include "app/monitoring_board.h"

#include "monitor/trouble.h"

#include <algorithm>

namespace baton {

MonitoringBoard::MonitoringBoard(const Config& config) {
  for (const MonitorConfig& monitor : config.monitoring.monitors) {
    monitors_[*monitor.name] = {*monitor.name, std::chrono::duration<double>(monitor.every).count(), 0};
  }
}

void MonitoringBoard::looked(const std::string& monitor, const std::vector<Alert>& open,
                             const std::vector<MonitorPass>& passes) {
  const std::scoped_lock lock(mutex_);
  std::map<std::string, std::int64_t> kinds;
  for (const Alert& alert : open) ++kinds[alert.kind];
  open_[monitor] = std::move(kinds);
  for (const MonitorPass& pass : passes) {
    const auto known = monitors_.find(pass.monitor);
    if (known == monitors_.end()) continue;
    known->second.last_pass = std::chrono::duration<double>(pass.at.time_since_epoch()).count();
  }
}

void MonitoringBoard::lost(const std::string& monitor) {
  const std::scoped_lock lock(mutex_);
  open_.erase(monitor);
}

MonitoringShown MonitoringBoard::shown() const {
  const std::scoped_lock lock(mutex_);
  MonitoringShown shown;
  std::map<std::string, std::int64_t> most;
  for (int i = 0; i <= static_cast<int>(Trouble::monitor_silent); ++i) most[std::string(name(Trouble(i)))] = 0;
  for (const auto& [monitor, kinds] : open_) {
    for (const auto& [kind, count] : kinds) most[kind] = std::max(most[kind], count);
  }
  shown.alerts.assign(most.begin(), most.end());
  for (const auto& [name, monitor] : monitors_) shown.monitors.push_back(monitor);
  return shown;
}

}  // namespace baton

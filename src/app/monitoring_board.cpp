#include "app/monitoring_board.h"

#include "monitor/trouble.h"

#include <algorithm>

namespace baton {

MonitoringBoard::MonitoringBoard(const Config& config) {
  for (const MonitorConfig& monitor : config.monitoring.monitors) {
    monitors_[*monitor.name] = {*monitor.name, std::chrono::duration<double>(monitor.every).count(), 0};
  }
}

std::map<std::string, std::int64_t> MonitoringBoard::counted(const std::vector<Alert>& open) {
  std::map<std::string, std::int64_t> by_kind;
  for (const Alert& alert : open) ++by_kind[alert.kind];
  return by_kind;
}

void MonitoringBoard::looked_at_own(const std::vector<Alert>& open, const std::map<std::string, HealthState>& jobs) {
  const std::scoped_lock lock(mutex_);
  own_.open = counted(open);
  own_.jobs = jobs;
}

void MonitoringBoard::looked(const std::string& monitor, const std::vector<Alert>& open,
                             const std::vector<MonitorPass>& passes, const std::map<std::string, HealthState>& jobs) {
  const std::scoped_lock lock(mutex_);
  Seen& seen = seen_[monitor];
  seen.open = counted(open);
  seen.jobs = jobs;
  seen.look = ++looks_;
  for (const MonitorPass& pass : passes) {
    const auto known = monitors_.find(pass.monitor);
    if (known == monitors_.end()) continue;
    known->second.last_pass = std::chrono::duration<double>(pass.at.time_since_epoch()).count();
  }
}

void MonitoringBoard::timed(const std::string& monitor, Instant began, Instant ended) {
  const std::scoped_lock lock(mutex_);
  passes_[monitor].add(std::chrono::duration_cast<std::chrono::microseconds>(ended - began), ended);
}

void MonitoringBoard::lost(const std::string& monitor) {
  const std::scoped_lock lock(mutex_);
  seen_.erase(monitor);
}

MonitoringShown MonitoringBoard::shown(Instant now) const {
  const std::scoped_lock lock(mutex_);
  MonitoringShown shown;
  std::map<std::string, std::int64_t> most;
  for (int i = 0; i < trouble_kinds; ++i) most[std::string(name(Trouble(i)))] = 0;
  const auto add = [&most](const Seen& seen) {
    for (const auto& [kind, count] : seen.open) most[kind] = std::max(most[kind], count);
  };
  add(own_);
  const Seen* newest = nullptr;
  for (const auto& [monitor, seen] : seen_) {
    add(seen);
    if (newest == nullptr || seen.look > newest->look) newest = &seen;
  }
  shown.alerts.assign(most.begin(), most.end());
  for (const auto& [name, monitor] : monitors_) {
    MonitorShown& one = shown.monitors.emplace_back(monitor);
    if (const auto tally = passes_.find(name); tally != passes_.end()) one.passes = summary_of(tally->second, now);
  }
  for (int i = 0; i < health_states; ++i) shown.states.emplace_back(name(HealthState(i)));
  for (const auto& [job, state] : own_.jobs) shown.job_state[job] = name(state);
  if (newest == nullptr) return shown;
  for (const auto& [job, state] : newest->jobs) shown.job_state.emplace(job, name(state));
  return shown;
}

}  // namespace baton

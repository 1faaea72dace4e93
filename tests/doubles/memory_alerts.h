// Alerts in memory.
#pragma once

#include "batch/alerts.h"

#include <map>
#include <memory>
#include <mutex>

namespace baton {

struct MemoryAlertState {
  std::mutex mutex;
  std::vector<Alert> alerts;  // by id from 1
  std::map<std::string, MonitorPass> passes;
};

// Several may share one state.
class MemoryAlerts final : public Alerts {
 public:
  explicit MemoryAlerts(std::shared_ptr<MemoryAlertState> state) : state_(std::move(state)) {}

  Result<std::vector<Alert>> open() override;
  Result<std::vector<Alert>> untold() override;
  Result<std::vector<Alert>> recent(std::int64_t limit) override;
  Result<std::vector<bool>> write(const std::vector<AlertChange>& changes) override;
  Status note_pass(const MonitorPass& pass) override;
  Result<std::vector<MonitorPass>> passes() override;

 private:
  bool write(const AlertChange& change);

  std::shared_ptr<MemoryAlertState> state_;
};

}  // namespace baton

// Alerts and the passes of monitors in a SQLite file.
#pragma once

#include "batch/alerts.h"
#include "sqlite/connection.h"

namespace baton {

class SqliteAlerts final : public Alerts {
 public:
  explicit SqliteAlerts(SqliteConnection& connection) : connection_(connection) {}

  Result<std::vector<Alert>> open() override;
  Result<std::vector<Alert>> untold() override;
  Result<std::vector<Alert>> recent(std::int64_t limit) override;
  Result<std::vector<bool>> write(const std::vector<AlertChange>& changes) override;
  Status note_pass(const MonitorPass& pass) override;
  Result<std::vector<MonitorPass>> passes() override;

 private:
  Result<std::vector<Alert>> select(const std::string& rest, std::int64_t limit);
  Result<bool> write(const AlertChange& change);

  SqliteConnection& connection_;
};

}  // namespace baton

// Alerts and the passes of monitors in PostgreSQL.
#pragma once

#include "batch/alerts.h"
#include "postgres/session.h"

namespace baton {

class PgAlerts final : public Alerts {
 public:
  explicit PgAlerts(PgSession& session) : session_(session) {}

  Result<std::vector<Alert>> open() override;
  Result<std::vector<Alert>> untold() override;
  Result<std::vector<Alert>> recent(std::int64_t limit) override;
  Result<std::vector<bool>> write(const std::vector<AlertChange>& changes) override;
  Status note_pass(const MonitorPass& pass) override;
  Result<std::vector<MonitorPass>> passes() override;

 private:
  Result<std::vector<Alert>> select(const std::string& rest);

  PgSession& session_;
};

}  // namespace baton

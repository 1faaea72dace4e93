// What is deleted of the past in a PostgreSQL database.
#pragma once

#include "batch/retention.h"
#include "postgres/session.h"

namespace baton {

class PgTraces final : public RunTraces {
 public:
  explicit PgTraces(PgSession& session) : session_(session) {}

  Result<std::int64_t> prune_rejects(const std::string& repository_id, const std::vector<std::int64_t>& instances,
                                     std::int64_t most) override;
  Result<std::int64_t> prune_progress(const std::string& repository_id,
                                      const std::vector<std::int64_t>& instances) override;

 private:
  PgSession& session_;
};

class PgRetention final : public Retention {
 public:
  explicit PgRetention(PgSession& session) : session_(session), traces_(session) {}

  Result<std::vector<std::int64_t>> prunable(const PrunableFilter& filter) override;
  Result<std::int64_t> prune_executions(const std::vector<std::int64_t>& instances, std::int64_t most) override;
  Result<std::int64_t> prune_alerts(WallTime before, std::int64_t most) override;
  RunTraces& traces() override { return traces_; }

 private:
  PgSession& session_;
  PgTraces traces_;
};

}  // namespace baton

// What is deleted of the past in a SQLite file.
#pragma once

#include "batch/retention.h"
#include "sqlite/connection.h"

namespace baton {

class SqliteTraces final : public RunTraces {
 public:
  explicit SqliteTraces(SqliteConnection& connection) : connection_(connection) {}

  Result<std::int64_t> prune_rejects(const std::string& repository_id, const std::vector<std::int64_t>& instances,
                                     std::int64_t most) override;
  Result<std::int64_t> prune_progress(const std::string& repository_id,
                                      const std::vector<std::int64_t>& instances) override;

 private:
  SqliteConnection& connection_;
};

class SqliteRetention final : public Retention {
 public:
  explicit SqliteRetention(SqliteConnection& connection) : connection_(connection), traces_(connection) {}

  Result<std::vector<std::int64_t>> prunable(const PrunableFilter& filter) override;
  Result<std::int64_t> prune_executions(const std::vector<std::int64_t>& instances, std::int64_t most) override;
  Result<std::int64_t> prune_alerts(WallTime before, std::int64_t most) override;
  RunTraces& traces() override { return traces_; }

 private:
  SqliteConnection& connection_;
  SqliteTraces traces_;
};

}  // namespace baton

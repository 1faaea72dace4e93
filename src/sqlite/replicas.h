// What replicas know of each other, in the job repository's SQLite file.
#pragma once

#include "base/clock.h"
#include "batch/replicas.h"
#include "sqlite/connection.h"

#include <memory>
#include <string>
#include <vector>

namespace baton {

// The repository's clock is this machine's.
class SqliteReplicas final : public Replicas {
 public:
  // REQUIRES: the tables of migrate_repository are there. The connection outlives it.
  SqliteReplicas(SqliteConnection& connection, const Clock& clock) : connection_(connection), clock_(clock) {}
  // The same over a connection of its own.
  SqliteReplicas(std::unique_ptr<SqliteConnection> connection, const Clock& clock)
      : own_connection_(std::move(connection)), connection_(*own_connection_), clock_(clock) {}

  Status beat(const ReplicaRow& mine, const std::vector<std::string>& jobs) override;
  Result<RepositoryView> look() override;
  Status offer(const std::string& job, const Offer& offer, Duration valid) override;
  Status clear_offer(const std::string& job) override;
  Status answer_request(const Authority& authority, const std::string& request_id, const std::string& text) override;
  Status leave(const std::string& replica) override;

 private:
  Status check_file() const;
  Status note_jobs(const std::vector<std::string>& jobs, WallTime now);
  Result<std::vector<ReplicaRow>> read_replicas();
  Result<std::vector<OpenExecution>> read_open_executions();

  std::unique_ptr<SqliteConnection> own_connection_;  // null where the connection is another's
  SqliteConnection& connection_;
  const Clock& clock_;
  std::vector<std::string> noted_;  // jobs that surely have a row
};

}  // namespace baton

// The job repository in a SQLite file.
#pragma once

#include "batch/contexts.h"
#include "batch/control.h"
#include "batch/executions.h"
#include "batch/repository_record.h"
#include "sqlite/connection.h"

#include <memory>
#include <string>

namespace baton {

class SqliteExecutions final : public Executions {
 public:
  SqliteExecutions(SqliteConnection& connection, const Clock& clock, ContextFormat contexts)
      : connection_(connection), clock_(clock), contexts_(contexts) {}

  Result<std::optional<InstanceState>> last_run(const std::string& job) override;
  Result<std::vector<JobExecution>> open_executions(const std::string& job) override;
  Status close(const Authority& authority, const JobExecution& closed) override;
  Result<Launched> launch(const Authority& authority, const LaunchRequest& request) override;
  Result<StepExecution> start_step(const Authority& authority, std::int64_t job_execution_id,
                                   const std::string& step) override;
  Result<BatchStatus> update_step(const Authority& authority, StepExecution& step) override;
  Status update_job(const Authority& authority, JobExecution& execution) override;
  Result<std::vector<JobExecution>> history(const std::optional<std::string>& job, std::int64_t limit) override;

 private:
  Result<std::int64_t> new_instance(const std::string& job, const LaunchRequest& request, JobParameters& parameters,
                                    const std::optional<InstanceState>& last);

  SqliteConnection& connection_;
  const Clock& clock_;
  ContextFormat contexts_;
};

class SqliteControl final : public Control {
 public:
  SqliteControl(SqliteConnection& connection, const Clock& clock) : connection_(connection), clock_(clock) {}

  Result<StopAnswer> request_stop(const std::string& job, const std::string& by) override;
  Result<bool> stop_requested(std::int64_t job_execution_id) override;

 private:
  SqliteConnection& connection_;
  const Clock& clock_;
};

class SqliteRepositoryRecord final : public RepositoryRecord {
 public:
  // `invalid` if the file holds no repository.
  static Result<std::unique_ptr<SqliteRepositoryRecord>> open(SqliteConnection& connection);

  const std::string& repository_id() const override { return repository_id_; }
  Status adopt_lease_store(const std::string& identity) override;
  Result<std::vector<std::string>> fenced_databases(const std::string& job) override;
  Status raise_fence(const std::string& job, std::int64_t from, const std::vector<std::string>& databases) override;

 private:
  SqliteRepositoryRecord(SqliteConnection& connection, std::string repository_id)
      : connection_(connection), repository_id_(std::move(repository_id)) {}

  SqliteConnection& connection_;
  std::string repository_id_;
};

}  // namespace baton

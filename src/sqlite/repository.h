// The job repository in a SQLite file.
#pragma once

#include "batch/contexts.h"
#include "batch/control.h"
#include "batch/executions.h"
#include "batch/repository_record.h"
#include "batch/request_rules.h"
#include "sqlite/connection.h"

#include <memory>
#include <string>

namespace baton {

class SqliteExecutions final : public Executions {
 public:
  SqliteExecutions(SqliteConnection& connection, const Clock& clock, ContextFormat contexts)
      : connection_(connection), clock_(clock), contexts_(contexts) {}

  Result<std::optional<InstanceState>> last_run(const std::string& job) override;
  Result<std::map<std::string, InstanceState>> last_runs(const std::vector<std::string>& jobs) override;
  Result<std::map<std::string, JobExecution>> last_ended(const std::vector<std::string>& jobs) override;
  Result<std::optional<JobExecution>> last_completed(const std::string& job) override;
  Result<std::vector<JobExecution>> open_executions(const std::string& job) override;
  Status close(const Authority& authority, const JobExecution& closed) override;
  Result<Launched> launch(const Authority& authority, const LaunchRequest& request) override;
  Result<StepExecution> start_step(const Authority& authority, std::int64_t job_execution_id,
                                   const std::string& step) override;
  Result<BatchStatus> update_step(const Authority& authority, StepExecution& step) override;
  Status update_job(const Authority& authority, JobExecution& execution) override;
  Result<std::vector<JobExecution>> history(const std::optional<std::string>& job, std::int64_t limit) override;

 private:
  // The rows of an execution, in the transaction of a launch.
  Status create_execution(const Authority& authority, const LaunchRequest& request, const LaunchDecision& decision,
                          const std::optional<InstanceState>& last, JobExecution& execution);

  SqliteConnection& connection_;
  const Clock& clock_;
  ContextFormat contexts_;
};

// The repository's clock is this machine's.
class SqliteControl final : public Control {
 public:
  SqliteControl(SqliteConnection& connection, const Clock& clock) : connection_(connection), clock_(clock) {}

  Result<JobControl> state(const std::string& job) override;
  Result<StopAnswer> request_stop(const std::string& job, const std::string& by) override;
  Result<bool> stop_requested(std::int64_t job_execution_id) override;
  Status pause(const std::string& job, const Pause& pause) override;
  Result<bool> resume(const std::string& job) override;
  Result<std::string> ask(const std::string& job, JobRequest request) override;
  Result<bool> withdraw(const std::string& job, const std::string& request_id) override;
  Result<std::optional<RequestAnswer>> answer(const std::string& job, const std::string& request_id) override;

 private:
  SqliteConnection& connection_;
  const Clock& clock_;
};

class SqliteRepositoryRecord final : public RepositoryRecord {
 public:
  // `invalid` if the file holds no repository.
  static Result<std::unique_ptr<SqliteRepositoryRecord>> open(SqliteConnection& connection);

  const std::string& repository_id() const override { return repository_id_; }
  Result<std::optional<std::string>> lease_store() override;
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

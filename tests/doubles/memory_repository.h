// A job repository in memory: for tests and for the simulation. The rules are those of batch/executions.h, control.h
// and repository_record.h; the rows live in a MemoryStore, whose fences they share.
#pragma once

#include "batch/control.h"
#include "batch/executions.h"
#include "batch/repository_record.h"
#include "tests/doubles/memory_database.h"

namespace baton {

class MemoryExecutions final : public Executions {
 public:
  MemoryExecutions(MemoryStore& store, const Clock& clock) : store_(store), clock_(clock) {}

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
  MemoryStore& store_;
  const Clock& clock_;
};

class MemoryControl final : public Control {
 public:
  MemoryControl(MemoryStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  Result<JobControl> state(const std::string& job) override;
  Result<StopAnswer> request_stop(const std::string& job, const std::string& by) override;
  Result<bool> stop_requested(std::int64_t job_execution_id) override;
  Status pause(const std::string& job, const Pause& pause) override;
  Result<bool> resume(const std::string& job) override;
  Result<std::string> ask(const std::string& job, JobRequest request) override;
  Result<bool> withdraw(const std::string& job, const std::string& request_id) override;
  Result<std::optional<RequestAnswer>> answer(const std::string& job, const std::string& request_id) override;

 private:
  MemoryStore& store_;
  const Clock& clock_;
};

class MemoryRepositoryRecord final : public RepositoryRecord {
 public:
  MemoryRepositoryRecord(MemoryStore& store, std::string repository_id)
      : store_(store), repository_id_(std::move(repository_id)) {}

  const std::string& repository_id() const override { return repository_id_; }
  Result<std::optional<std::string>> lease_store() override;
  Status adopt_lease_store(const std::string& identity) override;
  Result<std::vector<std::string>> fenced_databases(const std::string& job) override;
  Status raise_fence(const std::string& job, std::int64_t from, const std::vector<std::string>& databases) override;

 private:
  MemoryStore& store_;
  std::string repository_id_;
};

// Within a transaction, as of batch/executions.h.
std::optional<InstanceState> last_memory_run(const MemoryState& state, const std::string& job);
Status update_memory_job(MemoryState& state, JobExecution& execution);

// Knows one repository only: its id in the filter is passed over.
class MemoryRejectLog final : public RejectLog {
 public:
  explicit MemoryRejectLog(MemoryStore& store) : store_(store) {}

  Result<std::vector<LoggedReject>> list(const RejectFilter& filter) override;

 private:
  MemoryStore& store_;
};

}  // namespace baton

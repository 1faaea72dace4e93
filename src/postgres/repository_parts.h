// The parts of the job repository in PostgreSQL; all of one repository share a session.
#pragma once

#include "batch/contexts.h"
#include "batch/control.h"
#include "batch/executions.h"
#include "batch/replicas.h"
#include "batch/repository_record.h"
#include "batch/request_rules.h"
#include "postgres/row_values.h"
#include "postgres/session.h"
#include "postgres/tables.h"

#include <memory>
#include <string>
#include <vector>

namespace baton {

class PgExecutions final : public Executions {
 public:
  PgExecutions(PgSession& session, PgRepositoryClock clock, ContextFormat contexts)
      : session_(session), clock_(clock), contexts_(contexts) {}

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
  Result<Launched> try_launch(const Authority& authority, const LaunchRequest& request);
  Status try_update_job(const Authority& authority, JobExecution& execution);
  // The rows of an execution, in the transaction of a launch.
  Status create_execution(const PgTables& tables, const Authority& authority, const LaunchRequest& request,
                          const LaunchDecision& decision, const std::optional<InstanceState>& last,
                          JobExecution& execution);

  PgSession& session_;
  PgRepositoryClock clock_;
  ContextFormat contexts_;
};

class PgControl final : public Control {
 public:
  PgControl(PgSession& session, PgRepositoryClock clock) : session_(session), clock_(clock) {}

  Result<JobControl> state(const std::string& job) override;
  Result<StopAnswer> request_stop(const std::string& job, const std::string& by) override;
  Result<bool> stop_requested(std::int64_t job_execution_id) override;
  Status pause(const std::string& job, const Pause& pause) override;
  Result<bool> resume(const std::string& job) override;
  Result<std::string> ask(const std::string& job, JobRequest request) override;
  Result<bool> withdraw(const std::string& job, const std::string& request_id) override;
  Result<std::optional<RequestAnswer>> answer(const std::string& job, const std::string& request_id) override;

 private:
  Result<StopAnswer> try_request_stop(const std::string& job, const std::string& by);

  PgSession& session_;
  PgRepositoryClock clock_;
};

class PgReplicas final : public Replicas {
 public:
  PgReplicas(PgSession& session, PgRepositoryClock clock) : session_(session), clock_(clock) {}
  // The same over a session of its own.
  PgReplicas(std::unique_ptr<PgSession> session, PgRepositoryClock clock)
      : own_session_(std::move(session)), session_(*own_session_), clock_(clock) {}

  Status beat(const ReplicaRow& mine, const std::vector<std::string>& jobs) override;
  Result<RepositoryView> look() override;
  Status offer(const std::string& job, const Offer& offer, Duration valid) override;
  Status clear_offer(const std::string& job) override;
  Status answer_request(const Authority& authority, const std::string& request_id, const std::string& text) override;
  Status leave(const std::string& replica) override;

 private:
  std::string note_jobs(const std::vector<std::string>& jobs, const std::string& now) const;

  std::unique_ptr<PgSession> own_session_;  // null where the session is another's
  PgSession& session_;
  PgRepositoryClock clock_;
  std::vector<std::string> noted_;  // jobs that surely have a row
};

class PgRepositoryRecord final : public RepositoryRecord {
 public:
  // `invalid` if there is no repository.
  static Result<std::unique_ptr<PgRepositoryRecord>> open(PgSession& session);

  const std::string& repository_id() const override { return repository_id_; }
  Result<std::optional<std::string>> lease_store() override;
  Status adopt_lease_store(const std::string& identity) override;
  Result<std::vector<std::string>> fenced_databases(const std::string& job) override;
  Status raise_fence(const std::string& job, std::int64_t from, const std::vector<std::string>& databases) override;

 private:
  PgRepositoryRecord(PgSession& session, std::string repository_id)
      : session_(session), repository_id_(std::move(repository_id)) {}

  PgSession& session_;
  std::string repository_id_;
};

}  // namespace baton

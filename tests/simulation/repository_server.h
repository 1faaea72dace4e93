// The job repository of a simulation: the rules of batch/executions.h, replicas.h and control.h over rows in memory
// that are changed in place, since a simulation makes millions of transactions.
#pragma once

#include "batch/control.h"
#include "batch/executions.h"
#include "batch/replicas.h"
#include "tests/simulation/database_server.h"

namespace baton {

struct RepositoryCounts {
  std::int64_t launches = 0;
  std::int64_t completed = 0;
  std::int64_t offers = 0;
};

class RepositoryServer final : public DatabaseServer {
 public:
  using DatabaseServer::DatabaseServer;

  static WallTime wall_at(TrueTime time) { return WallTime(std::chrono::days(20'000) + time); }
  WallTime now() { return wall_at(queue().now()); }

  // RepositoryRecord.
  std::vector<std::string> fenced_databases(const std::string& job) const;
  Status raise_fence_of_owner(const TransactionSender& sender, std::int64_t from,
                              const std::vector<std::string>& databases);

  // Executions; each begins with the fence and ends with the guard.
  std::optional<InstanceState> last_run(const std::string& job) const;
  std::vector<JobExecution> open_executions(const std::string& job) const;
  Status close(const TransactionSender& sender, JobExecution closed);
  Result<Launched> launch(const TransactionSender& sender, const LaunchRequest& request);
  Result<StepExecution> start_step(const TransactionSender& sender, std::int64_t job_execution_id,
                                   const std::string& step);
  Result<std::pair<BatchStatus, StepExecution>> update_step(const TransactionSender& sender, StepExecution step);
  Result<JobExecution> update_job(const TransactionSender& sender, JobExecution execution);
  // Within a transaction of this database: the job execution's status, if the row is at that version.
  Result<BatchStatus> check_step(const StepExecution& step) const;
  Status write_step(const StepExecution& step);

  // Replicas.
  Status beat(const ReplicaRow& mine, const std::vector<std::string>& jobs);
  RepositoryView look();
  Status offer(const std::string& job, const Offer& offer, Duration valid);
  Status clear_offer(const std::string& job);
  Status answer_request(const TransactionSender& sender, const std::string& request_id);
  Status leave(const std::string& replica);

  // People, who are at the database itself.
  void pause(const std::string& job);
  void resume(const std::string& job);
  void ask(const std::string& job, RequestKind kind, std::string id);
  void request_stop(const std::string& job);

  std::vector<std::string> jobs_seen() const;
  // Whether the job's schedule gives due times that never come again: fixed_rate and cron.
  std::function<bool(const std::string& job)> has_fixed_times;
  // Hears of each offer and of what people want.
  std::function<void()> on_change;
  // Called when an instance is over.
  std::function<void(const std::string& job, std::int64_t instance)> on_closed;
  const RepositoryCounts& run_counts() const { return run_counts_; }
  // The open offer that was written under that acquisition of the lease.
  std::optional<Offer> offer_of(const std::string& job, std::int64_t acquisition) const;
  std::int64_t completed_of(const std::string& job) const;

 private:
  struct JobRows {
    JobControl control;
    std::int64_t offered_under = 0;  // the truth: an acquisition
    std::set<std::string> databases;
    std::optional<InstanceState> last;  // executions oldest first
    std::int64_t last_run_id = 0;
    std::int64_t completed = 0;
  };

  Status begin_and_guard(const TransactionSender& sender);
  JobExecution* find(std::int64_t execution);
  StepExecution* find_step(const StepExecution& step);
  Status update_row(JobExecution& execution, const TransactionSender& sender);
  void check_launch(const JobRows& rows, const LaunchRequest& request);
  JobExecution& create(JobRows& rows, const TransactionSender& sender, const LaunchRequest& request);
  void answer_pending(JobRows& rows, JobExecution& execution, bool is_new);

  std::map<std::string, JobRows> jobs_;
  std::map<std::string, ReplicaRow> replicas_;
  std::map<std::int64_t, std::string> job_of_execution_;
  std::int64_t last_execution_id_ = 0;
  std::int64_t last_step_id_ = 0;
  std::int64_t last_instance_id_ = 0;
  RepositoryCounts run_counts_;
};

}  // namespace baton

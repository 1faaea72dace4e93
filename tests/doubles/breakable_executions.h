// Forwards to another Executions, and breaks the calls that a test names.
#pragma once

#include "batch/executions.h"
#include "tests/doubles/breaks.h"

namespace baton {

enum class ExecutionsCall {
  last_run,
  last_runs,
  last_ended,
  last_completed,
  open_executions,
  close,
  launch,
  start_step,
  update_step,
  update_job,
  history
};

class BreakableExecutions final : public Executions {
 public:
  explicit BreakableExecutions(Executions& inner) : inner_(inner) {}

  Breaks<ExecutionsCall> breaks;

  Result<std::optional<InstanceState>> last_run(const std::string& job) override {
    return breaks.run<Result<std::optional<InstanceState>>>(ExecutionsCall::last_run,
                                                            [&] { return inner_.last_run(job); });
  }
  Result<std::map<std::string, InstanceState>> last_runs(const std::vector<std::string>& jobs) override {
    return breaks.run<Result<std::map<std::string, InstanceState>>>(ExecutionsCall::last_runs,
                                                                    [&] { return inner_.last_runs(jobs); });
  }
  Result<std::map<std::string, JobExecution>> last_ended(const std::vector<std::string>& jobs) override {
    return breaks.run<Result<std::map<std::string, JobExecution>>>(ExecutionsCall::last_ended,
                                                                   [&] { return inner_.last_ended(jobs); });
  }
  Result<std::optional<JobExecution>> last_completed(const std::string& job) override {
    return breaks.run<Result<std::optional<JobExecution>>>(ExecutionsCall::last_completed,
                                                           [&] { return inner_.last_completed(job); });
  }
  Result<std::vector<JobExecution>> open_executions(const std::string& job) override {
    return breaks.run<Result<std::vector<JobExecution>>>(ExecutionsCall::open_executions,
                                                         [&] { return inner_.open_executions(job); });
  }
  Status close(const Authority& authority, const JobExecution& closed) override {
    return breaks.run<Status>(ExecutionsCall::close, [&] { return inner_.close(authority, closed); });
  }
  Result<Launched> launch(const Authority& authority, const LaunchRequest& request) override {
    return breaks.run<Result<Launched>>(ExecutionsCall::launch, [&] { return inner_.launch(authority, request); });
  }
  Result<StepExecution> start_step(const Authority& authority, std::int64_t job_execution_id,
                                   const std::string& step) override {
    return breaks.run<Result<StepExecution>>(ExecutionsCall::start_step,
                                             [&] { return inner_.start_step(authority, job_execution_id, step); });
  }
  Result<BatchStatus> update_step(const Authority& authority, StepExecution& step) override {
    return breaks.run<Result<BatchStatus>>(ExecutionsCall::update_step,
                                           [&] { return inner_.update_step(authority, step); });
  }
  Status update_job(const Authority& authority, JobExecution& execution) override {
    return breaks.run<Status>(ExecutionsCall::update_job, [&] { return inner_.update_job(authority, execution); });
  }
  Result<std::vector<JobExecution>> history(const std::optional<std::string>& job, std::int64_t limit) override {
    return breaks.run<Result<std::vector<JobExecution>>>(ExecutionsCall::history,
                                                         [&] { return inner_.history(job, limit); });
  }

 private:
  Executions& inner_;
};

}  // namespace baton

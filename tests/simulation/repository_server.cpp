#include "tests/simulation/repository_server.h"

#include "batch/restart_rules.h"

#include <algorithm>

namespace baton {
namespace {

// More of one instance, or of steps of one execution, than any rule looks back.
constexpr std::size_t kept_executions = 40;

bool is_open(const JobExecution& execution) {
  return is_running(execution.status) || std::any_of(execution.steps.begin(), execution.steps.end(),
                                                     [](const StepExecution& step) { return is_running(step.status); });
}

InstanceState newest_first(InstanceState instance) {
  std::reverse(instance.executions.begin(), instance.executions.end());
  return instance;
}

}  // namespace

std::vector<std::string> RepositoryServer::fenced_databases(const std::string& job) const {
  const auto found = jobs_.find(job);
  if (found == jobs_.end()) return {};
  return {found->second.databases.begin(), found->second.databases.end()};
}

Status RepositoryServer::raise_fence_of_owner(const TransactionSender& sender, std::int64_t from,
                                              const std::vector<std::string>& databases) {
  BATON_CHECK(raise_fence(sender, from));
  jobs_[sender.job].databases.insert(databases.begin(), databases.end());
  return {};
}

Status RepositoryServer::begin_and_guard(const TransactionSender& sender) {
  BATON_CHECK(check_fence(sender));
  return check_guard(sender);
}

std::optional<InstanceState> RepositoryServer::last_run(const std::string& job) const {
  const auto found = jobs_.find(job);
  if (found == jobs_.end() || !found->second.last) return std::nullopt;
  return newest_first(*found->second.last);
}

std::vector<JobExecution> RepositoryServer::open_executions(const std::string& job) const {
  std::vector<JobExecution> open;
  const auto found = jobs_.find(job);
  if (found == jobs_.end() || !found->second.last) return open;
  for (const JobExecution& execution : found->second.last->executions) {
    if (is_open(execution)) open.push_back(execution);
  }
  return open;
}

JobExecution* RepositoryServer::find(std::int64_t execution) {
  const auto job = job_of_execution_.find(execution);
  if (job == job_of_execution_.end()) return nullptr;
  for (JobExecution& row : jobs_[job->second].last->executions) {
    if (row.id == execution) return &row;
  }
  return nullptr;
}

StepExecution* RepositoryServer::find_step(const StepExecution& step) {
  JobExecution* execution = find(step.job_execution_id);
  if (execution == nullptr) return nullptr;
  for (StepExecution& row : execution->steps) {
    if (row.id == step.id && row.version == step.version) return &row;
  }
  return nullptr;
}

Status RepositoryServer::update_row(JobExecution& execution, const TransactionSender& sender) {
  JobExecution* row = find(execution.id);
  if (row == nullptr || row->version != execution.version) {
    return fail(ErrorKind::conflict, fmt::format("job execution {} was changed by another program", execution.id));
  }
  BATON_CHECK(check_guard(sender));
  check_committing(sender, name(execution.status));
  ++execution.version;
  std::vector<StepExecution> steps = std::move(row->steps);
  const bool ended = !is_running(execution.status);
  *row = execution;
  if (!ended) row->ended_by = EndedBy::itself;
  row->steps = std::move(steps);
  if (execution.status != BatchStatus::completed && execution.status != BatchStatus::abandoned) return {};
  if (execution.status == BatchStatus::completed) {
    ++run_counts_.completed;
    ++jobs_[execution.job].completed;
  }
  on_closed(execution.job, execution.instance_id);
  return {};
}

Status RepositoryServer::close(const TransactionSender& sender, JobExecution closed) {
  BATON_CHECK(check_fence(sender));
  for (const StepExecution& step : closed.steps) BATON_CHECK(check_step(step));
  BATON_CHECK(update_row(closed, sender));
  for (const StepExecution& step : closed.steps) BATON_CHECK(write_step(step));
  return {};
}

void RepositoryServer::check_launch(const JobRows& rows, const LaunchRequest& request) {
  const std::string& job = rows.control.job;
  if (!rows.last) return;
  for (const JobExecution& execution : rows.last->executions) {
    if (is_open(execution)) {
      trace().violated(fmt::format("P15: {} was launched by {} while execution {} of {} was open", job, request.replica,
                                   execution.id, execution.replica));
    }
  }
  if (request.instance) return;
  if (is_unfinished(newest_first(*rows.last))) {
    trace().violated(fmt::format("P10: {} has two unfinished instances", job));
  }
  if (request.due && rows.control.last_due && *request.due <= *rows.control.last_due && has_fixed_times(job)) {
    trace().violated(fmt::format("P17: {} was launched twice for one due time by {}", job, request.replica));
  }
}

void RepositoryServer::answer_pending(JobRows& rows, JobExecution& execution, bool is_new) {
  const std::optional<JobRequest>& request = rows.control.request;
  if (!request || request->kind == RequestKind::abandon) return;
  if (!is_new && request->kind == RequestKind::run && request->after_instance == execution.instance_id) return;
  execution.request = request->id;
  rows.control.request.reset();
}

JobExecution& RepositoryServer::create(JobRows& rows, const TransactionSender& sender, const LaunchRequest& request) {
  const bool is_new = !request.instance;
  if (is_new) {
    rows.last.emplace();
    rows.last->id = ++last_instance_id_;
    rows.last->run_id = ++rows.last_run_id;
  }
  JobExecution execution;
  execution.id = ++last_execution_id_;
  execution.instance_id = rows.last->id;
  execution.job = sender.job;
  execution.created = now();
  execution.fence = sender.fence;
  execution.replica = request.replica;
  execution.reason = request.reason;
  execution.missed = request.missed;
  answer_pending(rows, execution, is_new);
  job_of_execution_[execution.id] = sender.job;
  auto& executions = rows.last->executions;
  if (executions.size() >= kept_executions) {
    job_of_execution_.erase(executions.front().id);
    executions.erase(executions.begin());
  }
  return executions.emplace_back(std::move(execution));
}

Result<Launched> RepositoryServer::launch(const TransactionSender& sender, const LaunchRequest& request) {
  BATON_CHECK(check_fence(sender));
  JobRows& rows = jobs_[sender.job];
  JobControl& control = rows.control;
  control.job = sender.job;
  const bool unfinished = rows.last && is_unfinished(newest_first(*rows.last));
  if (unfinished != request.instance.has_value() || (unfinished && rows.last->id != *request.instance)) {
    return fail(ErrorKind::conflict, fmt::format("{}: the last run is not what it was a moment ago", sender.job));
  }
  const bool pending = request.request && control.request && control.request->id == *request.request;
  if (request.request && !pending) return Launched(WithdrawnInstead{});
  if (control.paused(now()) && !(pending && control.request->even_paused)) {
    return Launched(PausedInstead{*control.pause});
  }
  BATON_CHECK(check_guard(sender));
  if (const auto stop = std::exchange(control.stop_instance, std::nullopt);
      stop && unfinished && *stop == rows.last->id && !request.overrides_stop) {
    check_committing(sender, "stopped instead of launched");
    if (!rows.last->executions.empty()) {
      JobExecution& marked = rows.last->executions.back();
      marked.ended_by = EndedBy::person;
      ++marked.version;
    }
    return Launched(StoppedInstead{*stop, "person"});
  }
  check_committing(sender, "launch");
  check_launch(rows, request);
  ++run_counts_.launches;
  const JobExecution& execution = create(rows, sender, request);
  if (request.due) {
    if (!control.phase) control.phase = request.due;
    control.last_due = request.due;
  }
  trace().event("launched", sender.job, sender.replica, "instance", execution.instance_id, "execution", execution.id,
                name(execution.reason));
  return Launched(execution);
}

Result<StepExecution> RepositoryServer::start_step(const TransactionSender& sender, std::int64_t job_execution_id,
                                                   const std::string& step) {
  BATON_CHECK(begin_and_guard(sender));
  JobExecution* execution = find(job_execution_id);
  if (execution == nullptr) return fail(ErrorKind::invalid, fmt::format("no job execution {}", job_execution_id));
  check_committing(sender, "step started");
  StepExecution row;
  row.id = ++last_step_id_;
  row.version = 1;
  row.job_execution_id = job_execution_id;
  row.name = step;
  row.created = now();
  row.started = row.created;
  row.status = BatchStatus::started;
  execution->steps.push_back(row);
  return row;
}

Result<BatchStatus> RepositoryServer::check_step(const StepExecution& step) const {
  auto* self = const_cast<RepositoryServer*>(this);
  if (self->find_step(step) == nullptr) {
    return fail(ErrorKind::conflict, fmt::format("step execution {} was changed by another program", step.id));
  }
  return self->find(step.job_execution_id)->status;
}

Status RepositoryServer::write_step(const StepExecution& step) {
  StepExecution* row = find_step(step);
  if (row == nullptr) return fail(ErrorKind::conflict, "the step execution was changed by another program");
  *row = step;
  ++row->version;
  return {};
}

Result<std::pair<BatchStatus, StepExecution>> RepositoryServer::update_step(const TransactionSender& sender,
                                                                            StepExecution step) {
  BATON_CHECK(check_fence(sender));
  BATON_TRY(const BatchStatus status, check_step(step));
  BATON_CHECK(check_guard(sender));
  check_committing(sender, "step");
  BATON_CHECK(write_step(step));
  ++step.version;
  return std::pair(status, std::move(step));
}

Result<JobExecution> RepositoryServer::update_job(const TransactionSender& sender, JobExecution written) {
  BATON_CHECK(check_fence(sender));
  const JobExecution* row = find(written.id);
  if (row == nullptr) return fail(ErrorKind::invalid, fmt::format("job execution {} was deleted", written.id));
  if (row->version != written.version) {
    written.version = row->version;
    written.status = upgraded(written.status, row->status);
    if (written.status == BatchStatus::stopping && written.ended) written.status = BatchStatus::stopped;
    if (!is_running(written.status)) written.exit = exit_status(written.status, written.exit.description);
  }
  std::optional<std::int64_t>& stop = jobs_[written.job].control.stop_instance;
  const bool asked = stop == written.instance_id;
  const bool marked = row->status == BatchStatus::stopping || row->status == BatchStatus::stopped;
  if (written.status == BatchStatus::stopped && (asked || marked)) written.ended_by = EndedBy::person;
  BATON_CHECK(update_row(written, sender));
  if (asked && !is_running(written.status) && written.status != BatchStatus::failed) stop.reset();
  return written;
}

}  // namespace baton

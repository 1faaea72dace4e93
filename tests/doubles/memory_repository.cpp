#include "tests/doubles/memory_repository.h"

#include "batch/request_rules.h"
#include "batch/restart_rules.h"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace baton {
namespace {

JobExecution* find(MemoryState& state, std::int64_t execution) {
  for (JobExecution& row : state.executions) {
    if (row.id == execution) return &row;
  }
  return nullptr;
}

std::string due_text(WallTime due) {
  using namespace std::chrono;
  const auto day = floor<days>(due);
  const year_month_day date(day);
  const hh_mm_ss time(floor<seconds>(due - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

JobExecution create_execution(MemoryState& state, const Authority& authority, const LaunchRequest& request,
                              const LaunchDecision& decision, const std::optional<InstanceState>& last) {
  JobExecution execution;
  execution.id = static_cast<std::int64_t>(state.executions.size()) + 1;
  execution.job = authority.fence.job;
  execution.fence = authority.fence.value;
  execution.replica = request.replica;
  execution.reason = request.reason;
  execution.missed = request.missed;
  if (decision.answered) execution.request = decision.answered->id;
  JobParameters parameters = launch_parameters(request, decision, last);
  if (request.instance) {
    execution.instance_id = *request.instance;
  } else {
    execution.instance_id = static_cast<std::int64_t>(state.instances.size()) + 1;
    state.instances.push_back({execution.instance_id, execution.job, job_key(parameters, request.key_format)});
  }
  if (request.due) parameters.push_back({"baton.due", "java.time.LocalDateTime", due_text(*request.due), false});
  state.parameters[execution.id] = std::move(parameters);
  return execution;
}

}  // namespace

Status update_memory_job(MemoryState& state, JobExecution& execution) {
  JobExecution* row = find(state, execution.id);
  if (row == nullptr || row->version != execution.version) {
    return fail(ErrorKind::conflict, fmt::format("job execution {} was changed by another program", execution.id));
  }
  ++execution.version;
  std::vector<StepExecution> steps = std::move(row->steps);
  *row = execution;
  if (is_running(row->status)) row->ended_by = EndedBy::itself;
  row->steps = std::move(steps);
  return {};
}

std::optional<InstanceState> last_memory_run(const MemoryState& state, const std::string& job) {
  std::optional<InstanceState> last;
  for (const MemoryInstance& instance : state.instances) {
    if (instance.job != job) continue;
    last.emplace();
    last->id = instance.id;
  }
  if (!last) return last;
  for (const JobExecution& execution : state.executions) {
    if (execution.instance_id == last->id) last->executions.insert(last->executions.begin(), execution);
  }
  if (last->executions.empty()) return last;
  last->parameters = state.parameters.at(last->executions.front().id);
  for (const JobParameter& parameter : last->parameters) {
    if (parameter.name == "run.id") last->run_id = std::stoll(parameter.value);
  }
  return last;
}

Result<std::optional<InstanceState>> MemoryExecutions::last_run(const std::string& job) {
  return last_memory_run(store_.committed(), job);
}

Result<std::map<std::string, InstanceState>> MemoryExecutions::last_runs(const std::vector<std::string>& jobs) {
  std::map<std::string, InstanceState> runs;
  for (const std::string& job : jobs) {
    std::optional<InstanceState> run = last_memory_run(store_.committed(), job);
    if (!run) continue;
    run->parameters.clear();
    run->run_id = 0;
    runs.emplace(job, *std::move(run));
  }
  return runs;
}

Result<std::map<std::string, JobExecution>> MemoryExecutions::last_ended(const std::vector<std::string>& jobs) {
  const std::set<std::string> wanted(jobs.begin(), jobs.end());
  std::map<std::string, JobExecution> ended;
  for (const JobExecution& execution : store_.committed().executions) {  // oldest first
    if (wanted.contains(execution.job) && !is_running(execution.status)) ended[execution.job] = execution;
  }
  return ended;
}

Result<std::optional<JobExecution>> MemoryExecutions::last_completed(const std::string& job) {
  std::optional<JobExecution> newest;
  for (const JobExecution& execution : store_.committed().executions) {  // oldest first
    if (execution.job == job && execution.status == BatchStatus::completed && execution.ended) newest = execution;
  }
  return newest;
}

Result<std::vector<JobExecution>> MemoryExecutions::open_executions(const std::string& job) {
  std::vector<JobExecution> open = store_.committed().executions;
  std::erase_if(open, [&](const JobExecution& execution) { return execution.job != job || !is_open(execution); });
  return open;
}

Status MemoryExecutions::close(const Authority& authority, const JobExecution& closed) {
  BATON_TRY(auto write, MemoryWrite::begin(store_, authority));
  JobExecution execution = closed;
  for (StepExecution& step : execution.steps) {
    BATON_TRY([[maybe_unused]] const BatchStatus job_status, update_memory_step(write->draft, step));
  }
  BATON_CHECK(update_memory_job(write->draft, execution));
  return write->commit();
}

Result<Launched> MemoryExecutions::launch(const Authority& authority, const LaunchRequest& request) {
  const std::string& job = authority.fence.job;
  BATON_TRY(auto write, MemoryWrite::begin(store_, authority));
  MemoryState& state = write->draft;
  const WallTime now = clock_.wall_now();
  JobControl& control = note_memory_job(state, job, now);
  const std::optional<InstanceState> last = last_memory_run(state, job);
  const bool unfinished = last && is_unfinished(*last);
  if (unfinished != request.instance.has_value() || (unfinished && last->id != *request.instance)) {
    return fail(ErrorKind::conflict, fmt::format("\"{}\": the last run is not what it was a moment ago", job));
  }
  const LaunchDecision decision = decide_launch(control, last, request, now);
  if (decision.withdrawn) return Launched(WithdrawnInstead{});
  if (const auto stop = state.stops.extract(job);
      stop && unfinished && stop.mapped().instance == last->id && !request.overrides_stop) {
    if (!last->executions.empty()) {
      JobExecution marked = last->executions.front();
      marked.ended_by = EndedBy::person;
      BATON_CHECK(update_memory_job(state, marked));
    }
    BATON_CHECK(write->commit());
    return Launched(StoppedInstead{stop.mapped().instance, stop.mapped().by});
  }
  if (decision.paused) return Launched(PausedInstead{*decision.paused});
  if (decision.refused) {
    control.request.reset();
    state.answers[job] = {*request.request, *decision.refused};
    BATON_CHECK(write->commit());
    return Launched(RefusedInstead{*decision.refused});
  }
  JobExecution execution = create_execution(state, authority, request, decision, last);
  execution.created = now;
  state.executions.push_back(execution);
  if (decision.answered) control.request.reset();
  if (request.due) {
    control.last_due = request.due;
    if (!control.phase) control.phase = request.due;
  }
  execution.parameters = state.parameters.at(execution.id);
  BATON_CHECK(write->commit());
  return Launched(std::move(execution));
}

Result<StepExecution> MemoryExecutions::start_step(const Authority& authority, std::int64_t job_execution_id,
                                                   const std::string& step) {
  BATON_TRY(auto write, MemoryWrite::begin(store_, authority));
  JobExecution* execution = find(write->draft, job_execution_id);
  if (execution == nullptr) return fail(ErrorKind::invalid, fmt::format("no job execution {}", job_execution_id));
  StepExecution row;
  row.id = ++write->draft.last_step_id;
  row.version = 1;
  row.job_execution_id = job_execution_id;
  row.name = step;
  row.created = clock_.wall_now();
  row.started = row.created;
  row.status = BatchStatus::started;
  execution->steps.push_back(row);
  BATON_CHECK(write->commit());
  return row;
}

Result<BatchStatus> MemoryExecutions::update_step(const Authority& authority, StepExecution& step) {
  BATON_TRY(auto write, MemoryWrite::begin(store_, authority));
  StepExecution written = step;
  BATON_TRY(const BatchStatus job_status, update_memory_step(write->draft, written));
  BATON_CHECK(write->commit());
  step = std::move(written);
  return job_status;
}

Status MemoryExecutions::update_job(const Authority& authority, JobExecution& execution) {
  BATON_TRY(auto write, MemoryWrite::begin(store_, authority));
  const JobExecution* row = find(write->draft, execution.id);
  if (row == nullptr) return fail(ErrorKind::invalid, fmt::format("job execution {} was deleted", execution.id));
  JobExecution written = execution;
  if (row->version != written.version) {
    written.version = row->version;
    written.status = upgraded(written.status, row->status);
    if (written.status == BatchStatus::stopping && written.ended) written.status = BatchStatus::stopped;
    if (!is_running(written.status)) written.exit = exit_status(written.status, written.exit.description);
  }
  const auto stop = write->draft.stops.find(written.job);
  const bool asked = stop != write->draft.stops.end() && stop->second.instance == written.instance_id;
  const bool marked = row->status == BatchStatus::stopping || row->status == BatchStatus::stopped;
  if (written.status == BatchStatus::stopped && (asked || marked)) written.ended_by = EndedBy::person;
  // A request outlives a failure: it must keep the restart that would follow from running.
  if (asked && !is_running(written.status) && written.status != BatchStatus::failed) write->draft.stops.erase(stop);
  BATON_CHECK(update_memory_job(write->draft, written));
  BATON_CHECK(write->commit());
  execution = std::move(written);
  return {};
}

Result<std::vector<JobExecution>> MemoryExecutions::history(const std::optional<std::string>& job, std::int64_t limit) {
  std::vector<JobExecution> rows = store_.committed().executions;
  std::erase_if(rows, [&](const JobExecution& execution) { return job && execution.job != *job; });
  std::reverse(rows.begin(), rows.end());
  if (rows.size() > static_cast<std::size_t>(limit)) rows.resize(static_cast<std::size_t>(limit));
  return rows;
}

Result<std::optional<std::string>> MemoryRepositoryRecord::lease_store() { return store_.committed().lease_store; }

Status MemoryRepositoryRecord::adopt_lease_store(const std::string& identity) {
  BATON_TRY(auto write, MemoryWrite::begin(store_));
  if (write->draft.lease_store.value_or(identity) != identity) {
    return fail(ErrorKind::invalid, fmt::format("this repository's leases are kept in the lease store {}, not in {}",
                                                *write->draft.lease_store, identity));
  }
  write->draft.lease_store = identity;
  return write->commit();
}

Result<std::vector<std::string>> MemoryRepositoryRecord::fenced_databases(const std::string& job) {
  const MemoryState state = store_.committed();
  const auto found = state.fenced_databases.find(job);
  if (found == state.fenced_databases.end()) return std::vector<std::string>();
  return std::vector<std::string>(found->second.begin(), found->second.end());
}

Status MemoryRepositoryRecord::raise_fence(const std::string& job, std::int64_t from,
                                           const std::vector<std::string>& databases) {
  BATON_TRY(auto write, MemoryWrite::begin(store_));
  BATON_CHECK(raise_memory_fence(write->draft, repository_id_, job, from));
  write->draft.fenced_databases[job].insert(databases.begin(), databases.end());
  return write->commit();
}

Result<std::vector<LoggedReject>> MemoryRejectLog::list(const RejectFilter& filter) {
  std::vector<LoggedReject> rejects;
  for (const LoggedReject& logged : store_.committed().rejects) {
    if (filter.job && logged.job != *filter.job) continue;
    if (filter.job_execution_id && logged.job_execution_id != *filter.job_execution_id) continue;
    if (logged.reject_id <= filter.after || rejects.size() >= static_cast<std::size_t>(filter.limit)) continue;
    rejects.push_back(logged);
  }
  return rejects;
}

}  // namespace baton

#include "batch/request_rules.h"
#include "batch/restart_rules.h"
#include "tests/doubles/memory_repository.h"

namespace baton {

Result<JobControl> MemoryControl::state(const std::string& job) {
  JobControl control;
  control.job = job;
  store_.read([&](const MemoryState& state) {
    if (const auto known = state.jobs.find(job); known != state.jobs.end()) control = known->second;
    if (const auto stop = state.stops.find(job); stop != state.stops.end())
      control.stop_instance = stop->second.instance;
  });
  return control;
}

Result<StopAnswer> MemoryControl::request_stop(const std::string& job, const std::string& by) {
  BATON_TRY(auto write, MemoryWrite::begin(store_));
  const std::optional<InstanceState> last = last_memory_run(write->draft, job);
  if (!last || !is_unfinished(*last)) return StopAnswer::not_needed;
  note_memory_job(write->draft, job, clock_.wall_now());
  write->draft.stops[job] = {last->id, by};
  StopAnswer answer = StopAnswer::recorded;
  if (!last->executions.empty() && is_running(last->executions.front().status)) {
    JobExecution running = last->executions.front();
    running.status = BatchStatus::stopping;
    BATON_CHECK(update_memory_job(write->draft, running));
    answer = StopAnswer::stopping;
  }
  BATON_CHECK(write->commit());
  return answer;
}

Result<bool> MemoryControl::stop_requested(std::int64_t job_execution_id) {
  bool requested = false;
  store_.read([&](const MemoryState& state) {
    for (const JobExecution& row : state.executions) {
      if (row.id != job_execution_id) continue;
      const auto stop = state.stops.find(row.job);
      requested = row.status == BatchStatus::stopping || row.status == BatchStatus::stopped ||
                  (stop != state.stops.end() && stop->second.instance == row.instance_id);
    }
  });
  return requested;
}

Status MemoryControl::pause(const std::string& job, const Pause& pause) {
  BATON_TRY(auto write, MemoryWrite::begin(store_));
  note_memory_job(write->draft, job, clock_.wall_now()).pause = pause;
  return write->commit();
}

Result<bool> MemoryControl::resume(const std::string& job) {
  BATON_TRY(auto write, MemoryWrite::begin(store_));
  const auto found = write->draft.jobs.find(job);
  if (found == write->draft.jobs.end() || !found->second.pause) return false;
  const bool was_paused = found->second.paused(clock_.wall_now());
  found->second.pause.reset();
  BATON_CHECK(write->commit());
  return was_paused;
}

Result<std::string> MemoryControl::ask(const std::string& job, JobRequest request) {
  BATON_TRY(auto write, MemoryWrite::begin(store_));
  const WallTime now = clock_.wall_now();
  JobControl& control = note_memory_job(write->draft, job, now);
  request.after_instance.reset();
  const std::optional<InstanceState> last = last_memory_run(write->draft, job);
  if (request.kind == RequestKind::run) request.after_instance = running_instance(last);
  BATON_TRY(const JobRequest pending, admit_request(control, last, request, now));
  if (control.request && control.request->id != pending.id) {
    write->draft.answers[job] = {control.request->id, replaced_text(pending)};
  }
  control.request = pending;
  BATON_CHECK(write->commit());
  return pending.id;
}

Result<bool> MemoryControl::withdraw(const std::string& job, const std::string& request_id) {
  BATON_TRY(auto write, MemoryWrite::begin(store_));
  const auto found = write->draft.jobs.find(job);
  if (found == write->draft.jobs.end()) return false;
  JobControl& control = found->second;
  if (!control.request || control.request->id != request_id) return false;
  control.request.reset();
  BATON_CHECK(write->commit());
  return true;
}

Result<std::optional<RequestAnswer>> MemoryControl::answer(const std::string& job, const std::string& request_id) {
  std::optional<RequestAnswer> answer;
  store_.read([&](const MemoryState& state) {
    const auto control = state.jobs.find(job);
    const auto text = state.answers.find(job);
    if (control != state.jobs.end() && control->second.request && control->second.request->id == request_id) {
      answer.emplace().pending = true;
    } else if (text != state.answers.end() && text->second.request == request_id) {
      answer.emplace().text = text->second.text;
    }
    for (const JobExecution& execution : state.executions) {
      if (answer || execution.job != job || execution.request != request_id) continue;
      answer.emplace().execution = execution.id;
      answer->status = execution.status;
    }
  });
  return answer;
}

}  // namespace baton

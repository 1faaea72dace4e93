#include "batch/job_session.h"

#include "base/utf8.h"
#include "batch/held_back.h"
#include "batch/orphans.h"
#include "batch/persist.h"
#include "batch/restart_rules.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

using Steps = std::vector<std::unique_ptr<Step>>;

class Session {
 public:
  explicit Session(const SessionRequest& request)
      : request_(request), authority_(request.ownership->in(request.repository_database)) {}

  Result<SessionReport> run();

 private:
  Status close_orphans_of(Steps& steps);
  Result<Launched> launch(const std::optional<InstanceState>& last, bool is_restart);
  std::string why_not(const Launched& launched) const;
  Status check_launch(const std::optional<InstanceState>& last, const Steps& steps) const;
  Status check_foreign_steps(const InstanceState& unfinished, const Steps& steps) const;
  Status run_steps(JobExecution& execution, const std::optional<InstanceState>& last, Steps& steps);
  Result<StepEnd> run_step(JobExecution& execution, Step& step, const InstanceState* carried_on);
  Result<StepExecution> start_step(const JobExecution& execution, const std::string& step);
  Status start(JobExecution& execution);
  Status finish(JobExecution& execution);
  Status save(JobExecution& execution);

  const SessionRequest& request_;
  Authority authority_;
  std::string failure_;       // of the step that failed
  JobParameters parameters_;  // of the execution

  // Why whoever watches the run cut it short, if he did.
  std::optional<std::string> cut_short() const {
    if (request_.signals == nullptr || !request_.stop.stop_requested()) return std::nullopt;
    const std::optional<CutShort> why = request_.signals->why_cut();
    return why ? std::optional(why->text()) : std::nullopt;
  }
  // What was stopped because the run is cut short has failed.
  Result<StepEnd> judged(Result<StepEnd> end) const {
    const auto why = cut_short();
    if (!why || (end && *end == StepEnd::completed)) return end;
    if (!end && end.error().kind == ErrorKind::lease_lost) return end;
    return fail(ErrorKind::invalid, end ? *why : fmt::format("{} ({})", *why, end.error().message));
  }
};

Status Session::close_orphans_of(Steps& steps) {
  BATON_TRY(const std::vector<JobExecution> closed,
            close_orphans(authority_, request_.ownership->replica, request_.clock->wall_now(), *request_.executions,
                          progress_lookup(steps, request_.ownership->repository_id)));
  for (const JobExecution& execution : closed) {
    request_.listener->note(fmt::format("execution {} of \"{}\" had no owner: closed as {}", execution.id,
                                        execution.job, name(execution.status)));
  }
  return {};
}

Status Session::check_launch(const std::optional<InstanceState>& last, const Steps& steps) const {
  const bool unfinished = last && is_unfinished(*last);
  std::vector<std::string> names;
  for (const auto& step : steps) names.push_back(step->name());
  const std::optional<std::string> vanished = unfinished ? vanished_step(*last, names) : std::nullopt;
  if (vanished) {
    return fail(
        ErrorKind::invalid,
        fmt::format("\"{0}\": step \"{1}\" of the unfinished run has committed rows and is not in the configuration "
                    "any more: put it back, or end the run with: baton abandon {0}",
                    request_.plan->name, *vanished));
  }
  if (request_.only_unfinished && !unfinished) {
    return fail(ErrorKind::invalid,
                fmt::format("\"{}\" has no unfinished run to restart: baton run --once {} begins a new one",
                            request_.plan->name, request_.plan->name));
  }
  if (const auto held_back = unfinished ? why_held_back(request_.plan->name, *last) : std::nullopt;
      held_back && !request_.ignore_orphan_limit) {
    return fail(ErrorKind::invalid, *held_back);
  }
  return unfinished && !request_.from_start ? check_foreign_steps(*last, steps) : Status();
}

// Before the launch, so that a schedule that meets it again and again leaves no executions behind.
Status Session::check_foreign_steps(const InstanceState& unfinished, const Steps& steps) const {
  for (const auto& step : steps) {
    const std::int64_t foreign = newest_foreign_step(unfinished, step->name());
    if (foreign == 0 || is_done(unfinished, step->name())) continue;
    const ProgressKey key{request_.ownership->repository_id, unfinished.id, step->name()};
    BATON_CHECK(step->check_carried_on(request_.plan->name, key, foreign));
  }
  return {};
}

Result<Launched> Session::launch(const std::optional<InstanceState>& last, bool is_restart) {
  LaunchRequest launch;
  launch.replica = request_.ownership->replica;
  launch.reason = is_restart ? StartReason::restart : request_.reason;
  if (!is_restart) {
    launch.due = request_.due;
    launch.missed = request_.missed;
    launch.request = request_.answers;
  }
  launch.key_format = request_.plan->key_format;
  launch.overrides_stop = request_.only_unfinished;
  if (last && is_unfinished(*last)) {
    launch.instance = last->id;
  } else {
    launch.parameters = request_.plan->parameters;
  }
  return persist<Launched>(*request_.clock, authority_.guard, [&]() -> Result<Launched> {
    Result<Launched> launched = request_.executions->launch(authority_, launch);
    if (launched || launched.error().kind != ErrorKind::unknown_outcome) return launched;
    // Read back before anything else: the same request again would launch it twice.
    BATON_TRY(std::optional<InstanceState> now,
              persist<std::optional<InstanceState>>(*request_.clock, authority_.guard, [&] {
                return request_.executions->last_run(request_.plan->name);
              }));
    const std::int64_t before = last && !last->executions.empty() ? last->executions.front().id : 0;
    const bool mine = now && !now->executions.empty() && now->executions.front().id > before &&
                      now->executions.front().fence == authority_.fence.value;
    if (mine) {
      now->executions.front().parameters = std::move(now->parameters);
      return Launched(std::move(now->executions.front()));
    }
    return fail(ErrorKind::retry, launched.error().message);
  });
}

std::string Session::why_not(const Launched& launched) const {
  const std::string& job = request_.plan->name;
  if (const auto* stopped = std::get_if<StoppedInstead>(&launched)) {
    return fmt::format("\"{}\" was not run: {} asked to stop it; run it again to carry it on", job,
                       visible(stopped->by));
  }
  if (const auto* paused = std::get_if<PausedInstead>(&launched)) {
    const std::string reason = paused->pause.reason.empty() ? "" : ": " + visible(paused->pause.reason);
    return fmt::format("\"{0}\" was not run: {1} paused it{2}; baton resume {0} ends that", job,
                       visible(paused->pause.by), reason);
  }
  if (const auto* refused = std::get_if<RefusedInstead>(&launched)) return refused->text;
  return fmt::format("\"{}\" was not run: the request for it was taken back", job);
}

// P15: the row of a step execution; after an unknown outcome it is looked for.
Result<StepExecution> Session::start_step(const JobExecution& execution, const std::string& step) {
  return persist<StepExecution>(*request_.clock, authority_.guard, [&]() -> Result<StepExecution> {
    Result<StepExecution> row = request_.executions->start_step(authority_, execution.id, step);
    if (row || row.error().kind != ErrorKind::unknown_outcome) return row;
    BATON_TRY(const std::vector<JobExecution> open,
              persist<std::vector<JobExecution>>(*request_.clock, authority_.guard,
                                                 [&] { return request_.executions->open_executions(execution.job); }));
    for (const JobExecution& one : open) {
      for (const StepExecution& candidate : one.steps) {
        if (one.id == execution.id && candidate.name == step) return candidate;
      }
    }
    return fail(ErrorKind::retry, row.error().message);
  });
}

Status Session::start(JobExecution& execution) {
  execution.status = BatchStatus::started;
  execution.started = request_.clock->wall_now();
  return save(execution);
}

Result<StepEnd> Session::run_step(JobExecution& execution, Step& step, const InstanceState* carried_on) {
  BATON_TRY(StepExecution row, start_step(execution, step.name()));
  request_.listener->step_started(row);
  StepContext context{execution.job,
                      execution.instance_id,
                      execution.id,
                      row,
                      carried_on != nullptr ? rows_written(*carried_on, step.name()) : 0,
                      *request_.ownership,
                      request_.repository_database,
                      *request_.executions,
                      *request_.clock,
                      request_.stop,
                      *request_.listener,
                      carried_on != nullptr ? newest_foreign_step(*carried_on, step.name()) : 0,
                      request_.from_start,
                      request_.signals,
                      parameters_};
  context.progressed();
  const Result<StepEnd> end = judged(step.run(context));
  context.progressed();
  if (!end && end.error().kind == ErrorKind::lease_lost) return end;
  row.status = !end ? BatchStatus::failed : *end == StepEnd::stopped ? BatchStatus::stopped : BatchStatus::completed;
  row.exit = exit_status(row.status, end ? row.exit.description : end.error().message);
  row.ended = request_.clock->wall_now();
  const Result<bool> stop = save_step(context);
  execution.steps.push_back(row);
  request_.listener->step_ended(row);
  if (!stop) return fail(stop.error());
  if (end && *end == StepEnd::completed && *stop) return StepEnd::stopped;
  return end;
}

// A simple job: step after step, up to the first that does not complete.
Status Session::run_steps(JobExecution& execution, const std::optional<InstanceState>& last, Steps& steps) {
  const bool carried_on = last && last->id == execution.instance_id;
  bool any_ran = false;
  for (const auto& step : steps) {
    if (carried_on && is_done(*last, step->name())) continue;
    if (request_.stop.stop_requested()) {
      failure_ = cut_short().value_or("");
      execution.status = failure_.empty() ? BatchStatus::stopped : BatchStatus::failed;
      return {};
    }
    any_ran = true;
    const Result<StepEnd> end = run_step(execution, *step, carried_on ? &*last : nullptr);
    if (!end && end.error().kind == ErrorKind::lease_lost) return fail(end.error());
    if (!end) {
      failure_ = end.error().message;
      execution.status = BatchStatus::failed;
      return {};
    }
    if (*end == StepEnd::stopped) {
      execution.status = BatchStatus::stopped;
      return {};
    }
  }
  execution.status = BatchStatus::completed;
  if (!any_ran) execution.exit.description = "All steps already completed or no steps configured for this job.";
  return {};
}

Status Session::finish(JobExecution& execution) {
  if (is_running(execution.status)) execution.status = BatchStatus::stopped;  // a stop came before the first step
  std::string description = execution.status == BatchStatus::failed ? failure_ : execution.exit.description;
  if (execution.status == BatchStatus::stopped) execution.ended_by = EndedBy::shutdown;
  execution.exit = exit_status(execution.status, std::move(description));
  execution.ended = request_.clock->wall_now();
  return save(execution);
}

// Tries again as long as the lease is trusted. An update whose outcome is unknown may be repeated: the second one
// merges with the first.
Status Session::save(JobExecution& execution) {
  return persist<void>(*request_.clock, authority_.guard, [&]() -> Status {
    Status saved = request_.executions->update_job(authority_, execution);
    if (!saved && saved.error().kind == ErrorKind::unknown_outcome)
      saved = fail(ErrorKind::retry, saved.error().message);
    return saved;
  });
}

Result<SessionReport> Session::run() {
  SessionReport report;
  for (int restart = 0;; ++restart) {
    BATON_TRY(Steps steps, request_.make_steps());
    BATON_CHECK(close_orphans_of(steps));
    BATON_TRY(const std::optional<InstanceState> last, request_.executions->last_run(request_.plan->name));
    if (restart == 0) BATON_CHECK(check_launch(last, steps));
    BATON_TRY(Launched launched, launch(last, restart > 0));
    if (!std::holds_alternative<JobExecution>(launched)) {
      report.message = why_not(launched);
      return report;
    }
    report.launched = true;
    report.execution = std::get<JobExecution>(std::move(launched));
    parameters_ = std::move(report.execution.parameters);
    failure_.clear();
    const bool carried_on = last && last->id == report.execution.instance_id;
    if (restart == 0) report.carried_on = carried_on;
    request_.listener->started(report.execution, carried_on);
    if (request_.signals != nullptr) request_.signals->begin(request_.clock->now());
    BATON_CHECK(start(report.execution));
    if (report.execution.status == BatchStatus::started) BATON_CHECK(run_steps(report.execution, last, steps));
    BATON_CHECK(finish(report.execution));
    request_.listener->finished(report.execution);
    if (request_.signals != nullptr) request_.signals->ended();
    report.message = failure_;
    const bool again = report.execution.status == BatchStatus::failed && restart < request_.plan->restarts;
    if (request_.one_execution || !again || request_.stop.stop_requested()) return report;
    const Duration pause = restart_backoff(request_.plan->backoff, restart + 1);
    request_.listener->note(fmt::format("\"{}\" failed: {}; restart {} of {} in {} ms", request_.plan->name, failure_,
                                        restart + 1, request_.plan->restarts, pause.count()));
    if (!request_.clock->wait_until(request_.clock->now() + pause, request_.stop)) return report;
  }
}

}  // namespace

Result<SessionReport> run_session(const SessionRequest& request) { return Session(request).run(); }

}  // namespace baton

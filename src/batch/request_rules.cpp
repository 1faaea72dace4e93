#include "batch/request_rules.h"

#include "base/utf8.h"
#include "batch/restart_rules.h"

#include <fmt/format.h>

namespace baton {
namespace {

std::string utc_text(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

// The run that was under way goes on: nobody ended it, or a shutdown or the end of its process cut it short.
bool is_interrupted(const InstanceState& instance) {
  if (instance.executions.empty()) return true;
  const EndedBy ended_by = instance.executions.front().ended_by;
  return ended_by == EndedBy::shutdown || ended_by == EndedBy::orphaned ||
         is_running(instance.executions.front().status);
}

// It wants a new run: carrying an unfinished one on, which has parameters of its own, is no answer.
bool wants_a_new_run(const JobRequest& request) {
  return request.kind == RequestKind::run && !request.parameters.empty();
}

std::string unfinished_run_first(const std::string& job, const InstanceState& last) {
  return fmt::format(
      "\"{0}\" was not run with these parameters: run {1} is unfinished and goes first, with its own "
      "parameters: baton restart {0}, or baton abandon {0}, then ask again",
      job, last.run_id);
}

bool answers(const JobRequest& pending, const std::optional<InstanceState>& last, const LaunchRequest& launch) {
  if (pending.kind == RequestKind::abandon) return false;
  if (launch.instance && wants_a_new_run(pending)) return false;
  if (!launch.instance || launch.instance != pending.after_instance) return true;
  return launch.request && last && !is_interrupted(*last);
}

}  // namespace

LaunchDecision decide_launch(const JobControl& job, const std::optional<InstanceState>& last,
                             const LaunchRequest& launch, WallTime now) {
  LaunchDecision decision;
  decision.withdrawn = launch.request && (!job.request || job.request->id != *launch.request);
  const bool even_paused = job.request && job.request->even_paused && job.request->kind != RequestKind::abandon;
  if (job.paused(now) && !even_paused) decision.paused = job.pause;
  if (job.request && answers(*job.request, last, launch)) decision.answered = job.request;
  if (job.request && launch.request && launch.instance && wants_a_new_run(*job.request) && !is_interrupted(*last)) {
    decision.refused = unfinished_run_first(job.job, *last);
  }
  return decision;
}

JobParameters launch_parameters(const LaunchRequest& launch, const LaunchDecision& decision,
                                const std::optional<InstanceState>& last) {
  JobParameters parameters;
  if (launch.instance) {
    parameters = last->parameters;
    std::erase_if(parameters, [](const JobParameter& parameter) { return parameter.name == "baton.due"; });
    return parameters;
  }
  parameters = launch.parameters;
  if (decision.answered) override_parameters(parameters, decision.answered->parameters);
  const std::int64_t run_id = last ? last->run_id + 1 : 1;
  parameters.insert(parameters.begin(), {"run.id", "java.lang.Long", std::to_string(run_id), true});
  return parameters;
}

Result<JobRequest> admit_request(const JobControl& job, const std::optional<InstanceState>& last,
                                 const JobRequest& asked, WallTime now) {
  if (job.paused(now) && !asked.even_paused) {
    return fail(ErrorKind::invalid,
                fmt::format("\"{0}\" is {1}; baton resume {0} ends that", job.job, to_text(*job.pause)));
  }
  if (wants_a_new_run(asked) && last && is_unfinished(*last) && !running_instance(last)) {
    return fail(ErrorKind::invalid, unfinished_run_first(job.job, *last));
  }
  if (!job.request) return asked;
  const JobRequest& pending = *job.request;
  if (pending.kind == asked.kind && pending.parameters == asked.parameters) {
    JobRequest same = pending;
    same.even_paused = pending.even_paused || asked.even_paused;
    return same;
  }
  if (pending.kind == RequestKind::run && asked.kind != RequestKind::run) return asked;
  const bool waits = job.paused(now) && !pending.even_paused;
  return fail(
      ErrorKind::conflict,
      fmt::format("\"{}\": {} asked for another {} at {}, which has not begun yet: {}", job.job, visible(pending.by),
                  name(pending.kind), utc_text(pending.at),
                  waits ? fmt::format("it is paused; baton resume {} lets it begin", job.job) : "wait until it has"));
}

Result<Offer> admit_offer(const JobControl& job, Offer offer, Duration valid, WallTime now) {
  offer.at = now;
  if (!job.offer || (job.offer->to == offer.to && job.offer->by == offer.by)) return offer;
  const bool expired = now - job.offer->at >= valid || job.offer->at - now >= valid;  // or the clock was set back
  if (expired) return offer;
  return fail(ErrorKind::conflict,
              fmt::format("\"{}\": {} has offered it to {}", job.job, job.offer->by, job.offer->to));
}

std::string replaced_text(const JobRequest& by) {
  return fmt::format("not run: {} asked to {} its unfinished run instead", visible(by.by), name(by.kind));
}

std::optional<std::int64_t> running_instance(const std::optional<InstanceState>& last) {
  if (!last || last->executions.empty() || !is_running(last->executions.front().status)) return std::nullopt;
  return last->id;
}

void override_parameters(JobParameters& parameters, const JobParameters& over) {
  for (const JobParameter& parameter : over) {
    std::erase_if(parameters, [&](const JobParameter& own) { return own.name == parameter.name; });
    parameters.push_back(parameter);
  }
}

std::string to_text(const Pause& pause) {
  return fmt::format("paused by {} since {}{}{}{}", visible(pause.by), utc_text(pause.since),
                     pause.until ? " until " + utc_text(*pause.until) : "", pause.reason.empty() ? "" : ": ",
                     visible(pause.reason));
}

}  // namespace baton

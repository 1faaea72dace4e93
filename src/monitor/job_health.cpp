#include "monitor/job_health.h"

#include "base/duration.h"
#include "batch/last_run.h"
#include "replica/next_start.h"
#include "replica/time_words.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <utility>

namespace baton {
namespace {

constexpr std::array<std::string_view, health_states> state_names{"on_time", "late",      "stalled",
                                                                  "failing", "never_ran", "paused"};

// Oldest due time without a run: the latest would move on with the time, and never become late.
std::optional<WallTime> scheduled_start(const HealthFacts& facts, const std::optional<LastRun>& last) {
  const JobControl& control = *facts.control;
  RunHistory history{control.first_seen, control.phase, control.last_due, std::nullopt};
  if (last) history.last_ended = last->ended;
  const auto due = oldest_due(facts.job.schedule, facts.job.name, history, facts.now);
  return due ? std::optional(due->start_at) : std::nullopt;
}

// Neither restarts that fail nor what carries on a run make the due times good that pass meanwhile.
std::optional<WallTime> start_or_due(const HealthFacts& facts, const std::optional<LastRun>& last,
                                     std::optional<WallTime> start) {
  if (std::holds_alternative<FixedDelaySchedule>(facts.job.schedule.when)) return start;
  const auto due = scheduled_start(facts, last);
  return start && due ? std::min(start, due) : start ? start : due;
}

std::optional<WallTime> expected_start(const HealthFacts& facts, JobControl control,
                                       const std::optional<LastRun>& last) {
  const NextStart next = next_start({facts.job, control, last, facts.now});
  if (!next.at) return std::nullopt;
  switch (next.order.reason) {
    case StartReason::request: {  // what was late before stays so
      const WallTime asked = control.request->at;
      control.request.reset();
      return std::min(asked, expected_start(facts, control, last).value_or(asked));
    }
    case StartReason::carry_on: return start_or_due(facts, last, last->ended);
    case StartReason::restart: return start_or_due(facts, last, next.at);
    case StartReason::schedule: break;
  }
  return scheduled_start(facts, last);
}

std::optional<WallTime> expected_start(const HealthFacts& facts) {
  if (facts.control == nullptr) return std::nullopt;
  JobControl control = *facts.control;
  std::optional<LastRun> last;
  if (facts.run != nullptr) last = last_run_of(*facts.run);
  if (facts.running) {  // what follows it is judged as if it had just ended well
    if (std::holds_alternative<FixedDelaySchedule>(facts.job.schedule.when)) return std::nullopt;
    control.request.reset();
    if (last) last->unfinished = false;
  }
  return expected_start(facts, std::move(control), last);
}

// A schedule with times of its own may be late again as soon as this run ends.
bool began_late(const HealthFacts& facts) {
  if (!facts.running || facts.control == nullptr || !facts.control->last_due || facts.run == nullptr) return false;
  if (facts.run->executions.empty()) return false;
  if (std::holds_alternative<FixedDelaySchedule>(facts.job.schedule.when)) return false;
  const JobExecution& first = facts.run->executions.back();
  if (first.reason != StartReason::schedule) return false;
  const WallTime in_time = *facts.control->last_due + facts.job.schedule.jitter + facts.job.grace;
  return first.missed > 0 || first.started.value_or(facts.now) > in_time;
}

// All executions of the newest run: it is carried on until it succeeds, so that nothing older fails in the same row.
void add_failures(const InstanceState* run, JobHealth& health) {
  if (run == nullptr) return;
  for (const JobExecution& execution : run->executions) {
    if (is_running(execution.status)) continue;
    if (execution.status == BatchStatus::completed || execution.status == BatchStatus::abandoned) break;
    if (execution.ended_by == EndedBy::person) break;
    if (execution.status != BatchStatus::failed || execution.ended_by != EndedBy::itself) continue;
    ++health.failures;
    if (execution.ended) health.failing_since = execution.ended;
  }
}

std::string late_text(const HealthFacts& facts, const JobHealth& health) {
  return fmt::format("late by {}: due at {} ({}){}", lateness_text(health.lateness),
                     time_in_words(*health.expected, facts.now), to_text(facts.job.schedule),
                     facts.running ? ", and its last run still runs" : "");
}

std::string failure_text(const HealthFacts& facts, int failures) {
  const auto& executions = facts.run->executions;
  const auto newest = std::find_if(executions.begin(), executions.end(), [](const JobExecution& one) {
    return one.status == BatchStatus::failed && one.ended_by == EndedBy::itself;
  });
  return fmt::format("failed{}{}{}", failures == 1 ? "" : fmt::format(" {} times in a row", failures),
                     newest->exit.description.empty() ? "" : ": ", newest->exit.description);
}

std::string never_ran_text(const HealthFacts& facts, const JobHealth& health) {
  if (facts.control == nullptr) return "never ran: no replica has seen it yet";
  if (!health.expected) return facts.job.schedule.is_manual() ? "never ran: waits for baton trigger" : "never ran";
  if (health.overdue) return "never ran, and is " + late_text(facts, health);
  return "never ran: its first start is due at " + time_in_words(*health.expected, facts.now);
}

void name_state(const HealthFacts& facts, JobHealth& health) {
  const bool paused = facts.control != nullptr && facts.control->paused(facts.now) && !facts.running;
  const auto is = [&](HealthState state, std::string reason) {
    health.state = state;
    health.reason = std::move(reason);
  };
  if (paused) return is(HealthState::paused, fmt::format("paused by {}", facts.control->pause->by));
  if (facts.running && facts.stalled) {
    return is(HealthState::stalled, facts.job.limits.stall
                                        ? fmt::format("no progress for {}", to_text(*facts.job.limits.stall))
                                        : "no progress");
  }
  if (health.failures > 0) return is(HealthState::failing, failure_text(facts, health.failures));
  if (facts.run == nullptr) return is(HealthState::never_ran, never_ran_text(facts, health));
  if (health.overdue) is(HealthState::late, late_text(facts, health));
}

// A pause that has ended is not counted; when a person ended it, nobody wrote down.
WallTime held_until(const HealthFacts& facts) {
  WallTime until = facts.held_until.value_or(WallTime::min());
  const std::optional<Pause> pause = facts.control->pause;
  if (pause && pause->until) until = std::max(until, *pause->until);
  return until;
}

}  // namespace

std::string lateness_text(Duration lateness) {
  return to_text(lateness < Duration(10'000) ? lateness : Duration(lateness.count() / 1'000 * 1'000));
}

std::string_view name(HealthState state) { return state_names[static_cast<std::size_t>(state)]; }

JobHealth judge_health(const HealthFacts& facts) {
  JobHealth health;
  add_failures(facts.run, health);
  health.began_late = began_late(facts);
  health.expected = expected_start(facts);
  if (health.expected) {
    health.expected = std::max(*health.expected, held_until(facts));
    const auto late = std::max(facts.now - *health.expected, WallTime::duration(0));
    health.lateness = std::chrono::duration_cast<Duration>(late);
    health.overdue = late > facts.job.grace;
    if (!health.overdue) health.changes_at = *health.expected + facts.job.grace + WallTime::duration(1);
  }
  name_state(facts, health);
  return health;
}

}  // namespace baton

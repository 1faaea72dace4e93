#include "monitor/job_troubles.h"

#include "base/duration.h"
#include "replica/time_words.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

// Owners begin this alert, and end it once a run has got further than the one that stalled. Where that one is gone, it
// is over once its run was carried to its end, or a person ended it, or nobody watches for stalls any more.
bool stall_is_over(const JobSeen& seen) {
  if (!seen.job.limits.stall || seen.run == nullptr) return true;
  const WallTime since = seen.stalled->first_seen;
  const auto& executions = seen.run->executions;
  if (executions.empty() || executions.back().started.value_or(since) > since) return true;
  return std::any_of(executions.begin(), executions.end(), [&](const JobExecution& one) {
    if (!one.ended || *one.ended < since) return false;
    return one.status == BatchStatus::completed || one.status == BatchStatus::abandoned ||
           one.ended_by == EndedBy::person;
  });
}

// Where many restarts are allowed, and fail: somebody should know long before they are used up.
bool fails_again_and_again(const JobSeen& seen) {
  constexpr int many = 10;
  constexpr Duration long_since(3'600'000);
  const JobHealth& health = seen.health;
  if (health.failures > std::min(seen.job.restarts, many)) return true;
  return health.failures > 1 && health.failing_since && seen.now - *health.failing_since > long_since;
}

std::string overdue_text(const JobSeen& seen) {
  const JobHealth& health = seen.health;
  if (health.state == HealthState::late || health.state == HealthState::never_ran) return health.reason;
  return fmt::format("late by {}: due at {} ({})", lateness_text(health.lateness),
                     time_in_words(*health.expected, seen.now), to_text(seen.job.schedule));
}

// A run that takes longer than its rate is late before it ends, and the next one from its start: one alert for all.
bool is_still_late(const JobSeen& seen) { return seen.overdue && seen.health.began_late; }

std::string began_late_text(const JobSeen& seen) {
  return fmt::format("its present run began late: due at {} ({})", time_in_words(*seen.control->last_due, seen.now),
                     to_text(seen.job.schedule));
}

std::string failing_text(const JobHealth& health) {
  return health.state == HealthState::failing ? health.reason
                                              : fmt::format("failed {} times in a row", health.failures);
}

std::string paused_text(const Pause& pause, WallTime now) {
  return fmt::format("paused by {} since {}{}{}{}", pause.by, time_in_words(pause.since, now),
                     pause.until ? ", until " + time_in_words(*pause.until, now) : "", pause.reason.empty() ? "" : ": ",
                     pause.reason);
}

}  // namespace

std::vector<FoundTrouble> job_troubles(const JobSeen& seen) {
  std::vector<FoundTrouble> troubles;
  const auto add = [&](Trouble trouble, std::string text) {
    troubles.push_back({trouble, seen.job.name, std::move(text)});
  };
  if (seen.health.overdue) {
    add(Trouble::overdue, overdue_text(seen));
  } else if (is_still_late(seen)) {
    add(Trouble::overdue, began_late_text(seen));
  }
  if (fails_again_and_again(seen)) add(Trouble::failing, failing_text(seen.health));
  if (!seen.held_back.empty()) add(Trouble::held_back, seen.held_back);
  if (seen.stalled != nullptr && !stall_is_over(seen)) {
    const bool said = seen.health.state == HealthState::stalled;
    add(Trouble::stalled, said ? "stalled: " + seen.health.reason : seen.stalled->text);
  }
  const Pause* const pause =
      seen.control != nullptr && seen.control->paused(seen.now) ? &*seen.control->pause : nullptr;
  if (pause != nullptr && seen.now - pause->since > seen.paused_long) {
    add(Trouble::paused_long, paused_text(*pause, seen.now));
  }
  return troubles;
}

bool is_about_a_job(Trouble trouble) {
  switch (trouble) {
    case Trouble::overdue:
    case Trouble::failing:
    case Trouble::held_back:
    case Trouble::stalled:
    case Trouble::unowned:
    case Trouble::paused_long: return true;
    default: return false;
  }
}

bool healed_for_all(Trouble trouble, const JobHealth& health, const JobControl* control, WallTime now) {
  switch (trouble) {
    case Trouble::overdue: return health.lateness <= Duration(0) && !health.began_late;
    case Trouble::failing: return health.failures == 0;
    case Trouble::paused_long: return control == nullptr || !control->paused(now);
    case Trouble::stalled: return false;
    default: return true;
  }
}

}  // namespace baton

#include "replica/next_start.h"

#include "batch/restart_rules.h"
#include "replica/time_words.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {
namespace {

std::optional<Due> due_of(const StartFacts& facts) {
  RunHistory history{facts.control.first_seen, facts.control.phase, facts.control.last_due, std::nullopt};
  if (facts.last) history.last_ended = facts.last->ended;
  return next_due(facts.job.schedule, facts.job.name, history, facts.now);
}

NextStart at_due_time(const StartFacts& facts) {
  NextStart next;
  if (const std::optional<Due> due = due_of(facts)) {
    next.at = due->start_at;
    next.order = {RequestKind::run, StartReason::schedule, due->due, due->missed, std::nullopt};
  } else if (facts.job.schedule.is_manual()) {
    next.why_not = "waits for baton trigger";
  } else {
    next.why_not = "its schedule has no further time";
  }
  return next;
}

NextStart without_due(WallTime at, StartReason reason) {
  NextStart next;
  next.at = at;
  next.order.reason = reason;
  return next;
}

bool left_behind(const LastRun& last) {
  if (is_running(last.status)) return true;  // never launched, or not closed yet
  if (last.status == BatchStatus::failed) return last.ended_by == EndedBy::orphaned;
  return last.status == BatchStatus::stopped && last.ended_by == EndedBy::shutdown;
}

NextStart unfinished(const StartFacts& facts, const LastRun& last) {
  if (last.orphans_without_progress >= max_orphans_without_progress) {
    NextStart next;
    next.why_not = fmt::format("its process died {} times in a row without progress: restart or abandon it",
                               last.orphans_without_progress);
    next.stuck = true;
    return next;
  }
  if (left_behind(last)) return without_due(facts.now, StartReason::carry_on);
  const int failures = std::max(last.failures, 1);
  const bool stopped = last.ended_by == EndedBy::person;  // after it had failed: instead of its restart (P18)
  if (last.status == BatchStatus::failed && !stopped && failures <= facts.job.restarts) {
    const WallTime ended = std::min(last.ended.value_or(facts.now), facts.now);
    return without_due(ended + restart_backoff(facts.job.backoff, failures), StartReason::restart);
  }
  NextStart next = at_due_time(facts);
  if (!next.at && facts.job.schedule.is_manual()) {
    next.why_not = fmt::format("its run is {}: waits for baton restart, trigger or abandon", name(last.status));
  }
  return next;
}

}  // namespace

NextStart next_start(const StartFacts& facts) {
  const bool paused = facts.control.paused(facts.now);
  if (const auto& request = facts.control.request; request && (!paused || request->even_paused)) {
    NextStart next = without_due(facts.now, StartReason::request);
    next.order.kind = request->kind;
    next.order.request = request->id;
    return next;
  }
  if (paused) {
    NextStart next;
    const Pause& pause = *facts.control.pause;
    next.look_again_at = pause.until;
    next.why_not = fmt::format("paused by {}{}{}{}", pause.by, pause.reason.empty() ? "" : ": ", pause.reason,
                               pause.until ? ", until " + time_in_words(*pause.until, facts.now) : "");
    return next;
  }
  if (facts.last && facts.last->unfinished) return unfinished(facts, *facts.last);
  return at_due_time(facts);
}

std::string in_words(const NextStart& next, WallTime now) {
  if (!next.at) return next.why_not;
  if (next.order.kind == RequestKind::abandon) return "its unfinished run is abandoned now";
  const bool at_once = *next.at <= now;
  switch (next.order.reason) {
    case StartReason::carry_on: return "its unfinished run is carried on now";
    case StartReason::request: return "runs now, on request";
    case StartReason::restart: return at_once ? "restarts now" : "restarts at " + time_in_words(*next.at, now);
    case StartReason::schedule: break;
  }
  return at_once ? "runs now" : "next run at " + time_in_words(*next.at, now);
}

}  // namespace baton

#include "app/explain.h"

#include "app/duration_words.h"
#include "app/overview_text.h"
#include "base/duration.h"
#include "replica/time_words.h"

#include <fmt/format.h>

namespace baton {
namespace {

using Kind = OwnershipReason::Kind;

bool by_person(const LastRun& last) {
  return last.unfinished && last.status == BatchStatus::stopped && last.ended_by == EndedBy::person;
}

std::string plural(std::int64_t count, const char* thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

// "replica host-1a2b owns it".
std::string owned_by(const JobOverview& job) {
  if (job.owner_state == OwnerState::live) return fmt::format("replica {} owns it", job.owner());
  if (job.owner_state == OwnerState::foreign) {
    return fmt::format("{} holds it, which is no replica (baton run --once, or a Java process)", job.owner());
  }
  return job.owner_state == OwnerState::unknown ? "who owns it is not known" : "nobody owns it";
}

// "next run in 3 s (fixed_delay 5s after the last end)".
std::string due_words(const JobOverview& job, WallTime now) {
  std::string rule = to_text(job.schedule);
  if (std::holds_alternative<FixedDelaySchedule>(job.schedule.when)) {
    rule += job.newest ? " after the last end" : " before the first run";
  }
  if (job.schedule.initial_delay.count() > 0 && !job.newest)
    rule = "initial_delay " + to_text(job.schedule.initial_delay);
  std::string text = fmt::format("next run {} ({})", from_now(*job.next.at, now), rule);
  if (job.next.order.missed > 0)
    text += fmt::format("; {} passed without a run", plural(job.next.order.missed, "due time"));
  return text;
}

std::string running_sentence(const JobOverview& job, WallTime now) {
  std::string text = fmt::format("{} is {}: {}", job.job, state_text(job, now), owned_by(job));
  if (job.state == JobState::stopping) return text + "; it ends at its next chunk, as a person asked.";
  if (job.control && job.control->paused(now)) {
    return text + "; it is paused, and so nothing follows this run until baton resume " + job.job + ".";
  }
  if (job.after_this_run) {
    return text + (job.control && job.control->request
                       ? "; one more run was asked for and follows."
                       : fmt::format("; the next run follows it ({}).", to_text(job.schedule)));
  }
  return job.next.at ? text + "; " + due_words(job, now) + "." : text + ".";
}

// A run that ended before its work was done, and waits for its next due time or for a person.
std::string waiting_sentence(const JobOverview& job, WallTime now) {
  const std::string why = by_person(*job.last) ? "was stopped by a person"
                          : job.restarts > 0
                              ? fmt::format("failed, and its {} are used up", plural(job.restarts, "restart"))
                              : "failed";
  const std::string then = job.next.at ? fmt::format("its run is carried on {} ({}), or at once",
                                                     from_now(*job.next.at, now), to_text(job.schedule))
                                       : std::string("its run is carried on");
  return fmt::format("{0} {1}: {2} by baton restart {0}; baton abandon {0} gives it up; {3}.", job.job, why, then,
                     owned_by(job));
}

std::string idle_sentence(const JobOverview& job, WallTime now) {
  const auto say = [&](const std::string& what) { return fmt::format("{} {}: {}", job.job, what, owned_by(job)); };
  if (!job.next.at) {
    if (job.last && job.last->unfinished) return waiting_sentence(job, now);
    return say("is idle") + fmt::format("; it {}.", job.next.why_not);
  }
  switch (job.next.order.reason) {
    case StartReason::request: {
      const JobRequest& request = *job.control->request;
      return say("is about to start") +
             fmt::format("; {} asked for it {} ({}).", request.by, ago(request.at, now), name(request.kind));
    }
    case StartReason::carry_on:
      return say("is about to be carried on") +
             fmt::format("; its last run was left unfinished by {}.",
                         job.last->ended_by == EndedBy::shutdown ? "a shutdown" : "the end of its process");
    case StartReason::restart:
      return say(fmt::format("failed and restarts {} (restart {} of {})", from_now(*job.next.at, now),
                             job.last->failures, job.restarts)) +
             ".";
    case StartReason::schedule: break;
  }
  if (job.last && job.last->unfinished) return waiting_sentence(job, now);
  return say(*job.next.at <= now ? "is due" : "is idle") + "; " + due_words(job, now) + ".";
}

std::string unowned_sentence(const Overview& overview, const JobOverview& job) {
  const bool seen = overview.repository_there && (job.control || job.newest);
  if (!seen && job.ownership.kind == Kind::no_live_replica) {
    return fmt::format(
        "{0} was never seen by a replica: start one with baton run, or run it once with baton run --once {0}.",
        job.job);
  }
  const bool silent = job.ownership.kind == Kind::silent_owner;
  std::string text = fmt::format("{} has no {}owner: {}", job.job, silent ? "live " : "", job.reason);
  switch (job.ownership.kind) {
    case Kind::no_capacity: text += ": add a replica, or raise replica.tokens"; break;
    case Kind::no_live_replica: text += ": start one with baton run"; break;
    case Kind::other_configuration: text += ": start one with this one, or ask with theirs"; break;
    case Kind::silent_owner: text += "; then a replica with a free token takes it"; break;
    case Kind::paused_free: text += fmt::format("; baton resume {} ends the pause", job.job); break;
    default: break;
  }
  if (job.last && job.last->unfinished && job.next.at && job.next.order.reason == StartReason::carry_on) {
    text += "; its unfinished run is carried on then";
  }
  return text + ".";
}

std::string sentence(const Overview& overview, const JobOverview& job) {
  const WallTime now = overview.now;
  if (!job.configured)
    return fmt::format("{} is not in this configuration: {}.", job.job,
                       job.owner_state == OwnerState::silent
                           ? fmt::format("{} holds its lease, and is silent", job.owner())
                           : owned_by(job));
  switch (job.state) {
    case JobState::running:
    case JobState::stopping: return running_sentence(job, now);
    case JobState::taking_over:
      return fmt::format("{} is being taken over: {}, and first closes what {} left open.", job.job, owned_by(job),
                         job.newest->replica);
    case JobState::paused:
      return fmt::format("{0} is {1}; {2}; baton resume {0} ends that{3}.", job.job, job.reason, owned_by(job),
                         job.control->request ? ", and then what was asked for is done" : "");
    case JobState::held_back:
      return fmt::format("{0} is held back: {1} (baton restart {0}, or baton abandon {0}); {2}.", job.job, job.reason,
                         owned_by(job));
    case JobState::unowned: return unowned_sentence(overview, job);
    case JobState::unknown:
      return fmt::format("{} may run or not: {}, and the leases cannot be read.", job.job, job.reason);
    case JobState::failed:
    case JobState::stopped:
    case JobState::idle: break;
  }
  return idle_sentence(job, now);
}

std::string lease_text(const JobOverview& job) {
  if (job.owner_state == OwnerState::unknown) return "cannot be read now";
  if (!job.lease) return "no record";
  if (job.lease->released) return fmt::format("released; {} had it last", job.lease->owner_name);
  return fmt::format("held by {} for {} at a time", job.lease->owner_name, to_text(job.lease->lease_duration));
}

std::string owner_text(const Overview& overview, const JobOverview& job) {
  for (const ReplicaOverview& replica : overview.replicas) {
    const ReplicaRow& row = replica.row;
    if (row.id != job.holder()) continue;
    return fmt::format("pid {}, {}, beat {} (every {}), owns {} of {}, {} configuration", row.pid,
                       row.leaving    ? "leaving"
                       : replica.live ? "live"
                                      : "silent",
                       ago(row.beat, overview.now), to_text(row.heartbeat), replica.owned, plural(row.tokens, "token"),
                       replica.same_configuration ? "this" : "another");
  }
  return "has no row among the replicas";
}

std::string ended_words(const JobExecution& run, WallTime now) {
  const std::string when = ago(*run.ended, now);
  switch (run.ended_by) {
    case EndedBy::orphaned: return fmt::format(", closed {}, as its process had died", when);
    case EndedBy::person: return fmt::format(", ended {} by a person", when);
    case EndedBy::shutdown: return fmt::format(", ended {} by a shutdown or a hand-over", when);
    case EndedBy::itself: break;
  }
  return ", ended " + when;
}

// With its date where it is not today (UTC).
std::string moment_text(WallTime time, WallTime now) {
  using std::chrono::days;
  const bool today = std::chrono::floor<days>(time) == std::chrono::floor<days>(now);
  return time_in_words(time, today ? time : time + days(1));
}

std::string execution_text(const JobExecution& run, WallTime now) {
  std::string text = fmt::format("{} of instance {}: {}", run.id, run.instance_id, name(run.status));
  if (run.started) text += ", started " + ago(*run.started, now);
  if (run.fence) text += fmt::format(" ({}, fence {})", name(run.reason), *run.fence);
  if (run.ended) text += ended_words(run, now);
  if (!run.replica.empty()) text += ", on " + run.replica;
  const StepCounts counts = run.counts();
  text += fmt::format("; {} read, {} written, {} rejected", counts.records(), counts.write, counts.rejected());
  return run.exit.description.empty() ? text : text + "; " + run.exit.description;
}

std::string capacity_text(const Overview& overview) {
  return fmt::format("{}; {} with {}", plural(overview.configured_jobs, "job"),
                     plural(overview.live_replicas, "live replica"), plural(overview.live_tokens, "token"));
}

void add_control(const JobControl& control, WallTime now, Explanation& explanation) {
  const auto add = [&](const char* what, std::string said) {
    explanation.evidence.emplace_back(what, std::move(said));
  };
  add("first seen", ago(control.first_seen, now));
  if (control.last_due) add("last due", moment_text(*control.last_due, now));
  if (control.pause) {
    const Pause& pause = *control.pause;
    add("pause",
        fmt::format("by {} {}{}{}{}", pause.by, ago(pause.since, now), pause.reason.empty() ? "" : ": " + pause.reason,
                    pause.until ? ", until " + time_in_words(*pause.until, now) : "",
                    control.paused(now) ? "" : " (over)"));
  }
  if (control.request)
    add("request", fmt::format("{} by {} {}{}", name(control.request->kind), control.request->by,
                               ago(control.request->at, now), control.request->even_paused ? ", even if paused" : ""));
  if (control.stop_instance) add("stop", fmt::format("asked for instance {}", *control.stop_instance));
  if (control.offer)
    add("offer", fmt::format("to {} by {} {}", control.offer->to, control.offer->by, ago(control.offer->at, now)));
}

}  // namespace

Explanation explain(const Overview& overview, const JobOverview& job) {
  const WallTime now = overview.now;
  Explanation explanation{sentence(overview, job), {}};
  const auto add = [&](const char* what, std::string said) {
    explanation.evidence.emplace_back(what, std::move(said));
  };
  add("lease", lease_text(job));
  if (!job.holder().empty()) add("owner", owner_text(overview, job));
  if (job.fence) add("fence", fmt::format("{} in the job repository", *job.fence));
  add("last execution", job.newest ? execution_text(*job.newest, now) : "none");
  if (job.configured) {
    add("health", job.health.reason.empty() ? "on time" : job.health.reason);
    add("schedule", to_text(job.schedule));
    add("next",
        next_text(job, now) == "-" ? (job.next.why_not.empty() ? "nothing" : job.next.why_not) : next_text(job, now));
    if (job.next.order.due) add("next due", moment_text(*job.next.order.due, now));
    if (job.next.order.missed > 0) add("missed", plural(job.next.order.missed, "due time"));
  }
  if (job.control) add_control(*job.control, now, explanation);
  add("capacity", capacity_text(overview));
  if (overview.configurations_differ) add("configurations", "differ between live replicas and this one");
  return explanation;
}

}  // namespace baton

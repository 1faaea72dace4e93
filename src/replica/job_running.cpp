// Becoming the owner of a job, starting and stopping its runs (P8, P10, P18, P22, P23).
#include "replica/replica_state.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {

// For a lease that I hold, of a job that no thread works on.
void ReplicaCore::State::decide(CoreJob& job) {
  if (!job.lease->trusted(now_)) return;  // a renewal is under way: it tells
  if (leaving_) return release(job, "this replica shuts down");
  if (hangs()) return;  // it cannot be kept
  if (job.closing) {
    if (job.closed) return release(job, "nothing of it is open any more");
    begin(job, Work::closing);
    job.end_by = one_lease_of(job);
    return act(CloseNobodys{job.name, job.end_by});
  }
  if (away_) return release(job, "the job repository is away");
  if (job.offering) return;
  if (job.owned) return start_if_due(job);
  if (now_ < job.quiet_until()) return;
  begin(job, Work::owning);
  job.end_by = one_lease_of(job);
  act(BecomeOwner{job.name, job.end_by});
}

void ReplicaCore::State::begin(CoreJob& job, Work work) {
  job.work = work;
  job.stopping = job.unrenewed = false;
  job.end_by = Instant::max();
}

// Becoming the owner and closing have one lease of time, however often it is renewed meanwhile: counted from the take,
// or from now where the lease is mine for longer.
Instant ReplicaCore::State::one_lease_of(CoreJob& job) {
  return std::exchange(job.new_since, std::nullopt).value_or(now_) + settings_.timings.lease;
}

void ReplicaCore::State::handle(const OwnershipReached& event) {
  CoreJob* const job = find(event.job);
  if (job == nullptr || job->work != Work::owning) return;
  begin(*job, Work::none);
  if (!event.last) {
    if (!leaving_) give_back(*job, Tell::Level::warning, "could not become its owner: " + event.last.error().message);
  } else if (job->lease && job->lease->trusted(now_)) {
    job->owned = true;
    if (job->had_owner && job->settings->limits.stall && job->stall == CoreJob::Stall::none) {
      job->stall = CoreJob::Stall::unknown;
    }
    remember(*job, *event.last, false);
    job->next.reset();
    if (!job->fence_refused_at) job->take_backoff.reset();
    if (looked_ && job->control) plan(*job);
    tell(Tell::Level::info,
         fmt::format("{}: owner{}", job->name, job->next ? "; " + in_words(*job->next, clock_.now(now_)) : ""));
    if (std::exchange(job->had_owner, true)) {  // what starts now is decided on a look from now on
      job->next.reset();
      job->view_from = now_ - Instant::duration(1);
      look_now_ = true;
    }
  }
  settle(*job);
}

bool ReplicaCore::State::may_start(const CoreJob& job) const {
  return looked_ && job.control && now_ >= job.not_before && view_sent_at_ > job.view_from;
}

void ReplicaCore::State::plan(CoreJob& job) {
  job.next = next_start({*job.settings, *job.control, job.last, clock_.now(now_)});
  const bool failed = job.last && job.last->unfinished && job.last->status == BatchStatus::failed;
  if (job.run_again && failed && !job.next->stuck && !job.control->paused(clock_.now(now_)) &&
      job.next->order.reason != StartReason::request) {
    job.next->at = job.last->ended.value_or(clock_.now(now_)) + *job.run_again;
    job.next->order = {RequestKind::run, StartReason::restart, std::nullopt, 0, std::nullopt};
  }
  const std::string stuck = job.next->stuck ? job.next->why_not : "";
  if (std::exchange(job.told_stuck, stuck) == stuck || stuck.empty()) return;
  tell(Tell::Level::error, fmt::format("{}: held back: {}", job.name, stuck));
}

void ReplicaCore::State::start_if_due(CoreJob& job) {
  starts_.erase(job.id);
  if (!may_start(job)) return;
  const WallTime now = clock_.now(now_);
  if (!job.next || (job.next->at && *job.next->at <= now)) plan(job);
  const NextStart& next = *job.next;
  if (next.at && *next.at <= now) {
    job.order = next.order;
    if (next.order.due) job.counts.lateness.add(now - *next.at, now_);
    begin(job, Work::running);
    job.started_at = now_;
    watch_from_start(job);
    return act(StartRun{job.name, job.order});
  }
  if (next.at || next.look_again_at) {
    starts_.set(job.id, std::min(next.at.value_or(WallTime::max()), next.look_again_at.value_or(WallTime::max())));
  }
}

void ReplicaCore::State::stop(CoreJob& job, std::string why) {
  if (std::exchange(job.stopping, true)) return;
  act(StopRun{job.name, std::move(why)});
}

// A call that never returns must not hold the lease for ever.
void ReplicaCore::State::stop_if_wanted(CoreJob& job) {
  if (leaving_) stop(job, "this replica shuts down");
  if (hangs()) stop(job, "the calls of the lease store hang");
  if (job.work == Work::running) {
    if (leaving_) return;
    watch_run(job);
    if (!away_ && !job.cut) {
      job.end_by = Instant::max();
      job.unrenewed = false;
      return;
    }
    if (away_) stop(job, "the job repository is away");
    if (job.end_by == Instant::max()) job.end_by = now_ + settings_.timings.lease;
  }
  if (now_ < job.end_by || std::exchange(job.unrenewed, true)) return;
  renewals_due_.erase(job.id);
  stop(job, "it takes longer than a lease");
  const char* const late = job.cut                     ? "its run was cancelled and does not stop"
                           : job.work == Work::running ? "its run does not stop while the job repository is away"
                           : job.work == Work::owning  ? "becoming its owner takes longer than a lease"
                                                       : "closing what is open of it takes longer than a lease";
  tell(Tell::Level::error, fmt::format("{}: {}: its lease is not renewed any more", job.name, late));
}

void ReplicaCore::State::handle(const RunEnded& event) {
  CoreJob* const job = find(event.job);
  if (job == nullptr || job->work != Work::running) return;
  begin(*job, Work::none);
  job->ended_at = now_;
  job->next.reset();
  if (!event.outcome && event.outcome.error().kind == ErrorKind::lease_lost) ++job->counts.refused;
  end_stall_of_run(*job, event.outcome);
  if (!job->lease) {
    tell(Tell::Level::info, fmt::format("{}: its run in this process has ended", job->name));
  } else if (event.outcome) {
    run_done(*job, *event.outcome);
  } else {
    run_failed(*job, event.outcome.error());
  }
  if (job->lease && !job->lease->releasing() && !job->give_up.empty()) {
    give_back(*job, Tell::Level::warning, std::exchange(job->give_up, {}), job->stall_backoff.next());
  }
  job->cut = false;
  settle(*job);
}

// END_TIME is by the clock of a machine, which may be wrong by minutes (P17). A run of mine ended now, by the
// repository's clock. Of another's an END_TIME in the future counts as now: as the moment when it was first seen, not
// as each at which the next due time is asked for.
void ReplicaCore::State::remember(CoreJob& job, std::optional<LastRun> last, bool ran_now) {
  if (last && last->ended && clock_.known()) {
    const bool known = job.last && job.last->execution == last->execution && job.last->ended;
    const WallTime now = clock_.now(now_);
    last->ended = ran_now ? now : known ? *job.last->ended : std::min(*last->ended, now);
  }
  if (last && last->status == BatchStatus::completed && last->ended) {
    job.last_success = last->ended;
  } else if (last && last->completed_before) {
    job.last_success = std::max(job.last_success, last->completed_before);
  }
  job.never_succeeded = !job.last_success && (job.never_succeeded || !last || last->never_completed);
  job.last = last;
}

void ReplicaCore::State::run_done(CoreJob& job, const RunOutcome& outcome) {
  remember(job, outcome.last, outcome.execution.has_value());
  job.take_backoff.reset();
  job.run_backoff.reset();
  job.fence_refused_at.reset();
  job.told_error.clear();
  if (outcome.request) {
    job.settled_requests.insert(*outcome.request);
    const auto& pending = job.control->request;
    if (pending && pending->id == *outcome.request) job.control->request.reset();
  }
  if (!outcome.execution) {
    // What kept it from launching may be newer than what I saw.
    job.view_from = now_;
    if (!outcome.message.empty()) tell(Tell::Level::info, fmt::format("{}: {}", job.name, outcome.message));
    return;
  }
  if (job.order.due) {
    job.control->last_due = std::max(job.control->last_due.value_or(WallTime::min()), *job.order.due);
    if (!job.control->phase) job.control->phase = job.order.due;
  }
  if (!leaving_ && !away_ && looked_) plan(job);
  if (!job.last || !job.last->unfinished || job.last->status != BatchStatus::failed) return;
  tell(Tell::Level::warning, fmt::format("{}: execution {} failed{}{}{}{}", job.name, outcome.execution->id,
                                         outcome.message.empty() ? "" : ": ", outcome.message, job.next ? "; " : "",
                                         job.next ? in_words(*job.next, clock_.now(now_)) : ""));
}

// What it left in the repository is not known: becoming the owner again closes it (P15) and reads the last run.
void ReplicaCore::State::run_failed(CoreJob& job, const Error& error) {
  job.owned = false;
  if (error.kind == ErrorKind::lease_lost) {
    if (job.stopping) return;  // it was told
    // The fence or the guard refused it. While the lease still renews the job is fenced again, once.
    const bool again = job.fence_refused_at && now_ < *job.fence_refused_at + settings_.timings.lease;
    job.fence_refused_at = now_;
    if (again) return give_back(job, Tell::Level::error, "refused twice within one lease: " + error.message);
    tell(Tell::Level::warning, fmt::format("{}: refused: {}; becoming the owner again", job.name, error.message));
    return;
  }
  // Its due time and its request stay what they are: nothing of them is done.
  const bool invalid = error.kind == ErrorKind::invalid;
  job.not_before = now_ + job.run_backoff.next(random_, invalid ? Duration(300'000) : Duration(60'000));
  if (std::exchange(job.told_error, error.message) == error.message) return;
  tell(invalid ? Tell::Level::error : Tell::Level::warning,
       fmt::format("{}: could not run: {}; trying again", job.name, error.message));
}

// Leaves the job alone for a while.
void ReplicaCore::State::give_back(CoreJob& job, Tell::Level level, std::string why,
                                   std::optional<Duration> for_stall) {
  const Duration pause = for_stall ? *for_stall : job.take_backoff.next(random_);
  job.retry_at = now_ + pause;
  tell(level, fmt::format("{}: {}; left alone for {} s", job.name, why, (pause.count() + 999) / 1000));
  if (job.lease && !job.lease->releasing()) release(job, std::move(why));
}

}  // namespace baton

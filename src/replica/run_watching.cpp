// What bounds a run (timeout), and whether it makes progress (stall). The run notes its progress where the shell sees
// it; the core asks for it only when it could be too late: a healthy run is asked about once in each period.
#include "replica/replica_state.h"
#include "replica/run_verdict.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {
namespace {

Duration shortest(const RunLimits& limits) {
  return std::min(limits.timeout.value_or(Duration::max()), limits.stall.value_or(Duration::max()));
}

}  // namespace

void ReplicaCore::State::watch_from_start(CoreJob& job) {
  job.began.reset();
  job.cut = job.stalled_now = false;
  job.run_again.reset();
  job.give_up.clear();
  const RunLimits& limits = job.settings->limits;
  job.check_at = limits.timeout || limits.stall ? now_ + shortest(limits) : Instant::max();
}

void ReplicaCore::State::watch_run(CoreJob& job) {
  if (now_ < job.check_at || job.cut) return;
  job.check_at = Instant::max();
  act(AskProgress{job.name});
}

// Time that a run waits for its sessions is not its own: it is asked again at least as often as the shortest limit, so
// that no limit passes unseen.
void ReplicaCore::State::handle(const ProgressSeen& event) {
  CoreJob* const job = find(event.job);
  if (job == nullptr || job->work != Work::running || job->cut) return;
  const RunLimits& limits = job->settings->limits;
  job->began = event.began;
  if (!job->began) {
    job->check_at = now_ + shortest(limits);
    return settle(*job);
  }
  const Instant last = event.last.value_or(*job->began);
  const RunVerdict verdict = judge_run(limits, *job->began, last, now_);
  job->check_at = verdict.look_again;
  const bool stalled = verdict.broken && verdict.broken->cause == CutShort::Cause::stall;
  if (stalled) {
    job->stalled_at = std::max(job->stalled_at, std::chrono::duration_cast<Duration>(last - *job->began));
    run_stalled(*job, *verdict.broken);
    const Duration soon = std::min<Duration>(*limits.stall, settings_.timings.refresh);
    job->check_at = job->cut ? Instant::max() : std::min<Instant>(job->check_at, now_ + soon);
  } else if (verdict.broken) {
    cut_short(*job, *verdict.broken);
  } else if (job->stalled_now || (limits.stall && last - *job->began >= job->stalled_at + *limits.stall)) {
    end_stall(*job, "it makes progress again");
  }
  settle(*job);
}

void ReplicaCore::State::run_stalled(CoreJob& job, const CutShort& why) {
  job.stalled_now = true;
  if (std::exchange(job.stall, CoreJob::Stall::noted) != CoreJob::Stall::noted) {
    act(NoteStall{job.name, true, why.text()});
  }
  switch (job.settings->limits.on_stall) {
    case StallAction::report: return;
    case StallAction::restart: job.run_again = job.stall_backoff.next(); break;
    case StallAction::release: job.give_up = why.text(); break;
  }
  cut_short(job, why);
}

// Who does not stop within a lease from then loses the job: see stop_if_wanted.
void ReplicaCore::State::cut_short(CoreJob& job, const CutShort& why) {
  job.cut = true;
  job.check_at = Instant::max();
  job.end_by = now_ + settings_.timings.lease;
  tell(Tell::Level::warning, fmt::format("{}: {}: its run is cancelled", job.name, why.text()));
  if (std::exchange(job.stopping, true)) return;
  act(StopRun{job.name, why.text(), why});
}

// A run that was cut short, or failed, has shown no progress; the next one must get further than it did.
void ReplicaCore::State::end_stall_of_run(CoreJob& job, const Result<RunOutcome>& outcome) {
  job.stalled_now = false;
  if (!outcome || !outcome->last) return;
  if (!outcome->last->unfinished) return end_stall(job, "its run has succeeded");
  if (outcome->last->ended_by == EndedBy::person) end_stall(job, "a person has ended its run");
}

void ReplicaCore::State::end_stall(CoreJob& job, const char* why) {
  job.stalled_now = false;
  job.stalled_at = Duration(0);
  job.stall_backoff.reset();
  if (std::exchange(job.stall, CoreJob::Stall::none) != CoreJob::Stall::none) act(NoteStall{job.name, false, why});
}

}  // namespace baton

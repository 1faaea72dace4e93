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
  job.cut = job.run_again = false;
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
  const RunVerdict verdict = judge_run(limits, *job->began, event.last.value_or(*job->began), now_);
  job->check_at = verdict.look_again;
  const bool stalled = verdict.broken && verdict.broken->cause == CutShort::Cause::stall;
  if (stalled) {
    run_stalled(*job, *verdict.broken);
    const Duration soon = std::min<Duration>(*limits.stall, settings_.timings.refresh);
    job->check_at = job->cut ? Instant::max() : std::min<Instant>(job->check_at, now_ + soon);
  } else if (verdict.broken) {
    cut_short(*job, *verdict.broken);
  } else {
    end_stall(*job, "it makes progress again");
  }
  settle(*job);
}

void ReplicaCore::State::run_stalled(CoreJob& job, const CutShort& why) {
  if (!std::exchange(job.stalled, true)) act(NoteStall{job.name, true, why.text()});
  switch (job.settings->limits.on_stall) {
    case StallAction::report: return;
    case StallAction::restart: job.run_again = true; break;
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

void ReplicaCore::State::end_stall(CoreJob& job, const char* why) {
  if (std::exchange(job.stalled, false)) act(NoteStall{job.name, false, why});
}

}  // namespace baton

// The job repository: one look a refresh, a beat a heartbeat; what people and other replicas want (P8, P17–P19, P21,
// P22).
#include "replica/replica_state.h"

#include "base/duration.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {
namespace {

std::string how_many(std::int64_t number, const char* what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

}  // namespace

void ReplicaCore::State::handle(const TimePassed& /*event*/) {}

void ReplicaCore::State::handle(const ShutdownAsked& /*event*/) {
  if (std::exchange(leaving_, true)) return;
  tell(Tell::Level::info, fmt::format("shutting down: {} to let go of", how_many(tokens_used_, "job")));
  list_again_ = false;
  look_now_ = row_written_;
  settle_all();
}

// The first look waits for the lease store's first answer, so that it can carry the beat.
bool ReplicaCore::State::looks_wanted() const {
  if (!store_heard_) return false;
  return !leaving_ || (row_written_ && !leaving_told_);
}

void ReplicaCore::State::look() {
  if (looking_ || !looks_wanted()) return;
  look_now_ = false;
  looking_ = true;
  look_sent_at_ = now_;
  LookAtRepository wanted;
  const bool beat_due = !beat_at_ || now_ >= *beat_at_ + settings_.timings.heartbeat;
  beat_sent_ = leaving_ || (store_answered_ && !hangs() && (beat_due || !row_written_));
  if (beat_sent_) {
    store_answered_ = false;
    beat_at_ = now_;
    ReplicaRow row;
    row.id = settings_.id;
    row.pid = settings_.pid;
    row.tokens = settings_.tokens;
    row.owned = my_held();
    row.jobs = static_cast<std::int64_t>(jobs_.size());
    row.config_hash = settings_.config_hash;
    row.counter = ++counter_;
    row.heartbeat = settings_.timings.heartbeat;
    row.leaving = leaving_;
    wanted.beat = std::move(row);
    if (!names_known_) {
      for (const auto& job : jobs_) wanted.jobs.push_back(job->name);
    }
  }
  act(std::move(wanted));
}

// Since when it gives no answer; a lease later nothing is kept that needs it.
std::optional<Instant> ReplicaCore::State::away_from() const {
  if (failing_since_) return failing_since_;
  if (looking_) return look_sent_at_;
  return std::nullopt;
}

void ReplicaCore::State::handle(const RepositoryLooked& event) {
  looking_ = false;
  if (event.view) {
    repository_answered(*event.view, event.read_at.value_or(now_));
  } else {
    repository_failed(event.view.error());
  }
}

void ReplicaCore::State::repository_failed(const Error& error) {
  if (!failing_since_) failing_since_ = look_sent_at_;
  if (beat_sent_) {  // it was not written
    beat_at_.reset();
    store_answered_ = true;
  }
  if (repository_outage_.failed("look")) {
    tell(
        Tell::Level::warning,
        fmt::format("job repository: {}; trying again every {}: no job is taken or started until it answers, and after "
                    "{} jobs are stopped and let go",
                    error.message, to_text(settings_.timings.refresh), to_text(settings_.timings.lease)));
  }
  if (std::exchange(looked_, false)) settle_all();
}

void ReplicaCore::State::repository_answered(const RepositoryView& view, Instant read_at) {
  if (repository_outage_.succeeded("look")) tell(Tell::Level::info, "the job repository answers again");
  const bool was_away = std::exchange(away_, false) || !looked_;
  looked_ = true;
  failing_since_.reset();
  view_sent_at_ = look_sent_at_;
  if (beat_sent_) {
    row_written_ = true;
    leaving_told_ = leaving_;
  }
  clock_.answered(view.now, read_at);
  live_.observe(view.replicas, view.now, now_);
  open_ = view.open;
  std::size_t known = 0;
  for (const JobControl& control : view.jobs) {
    CoreJob* const job = find(control.job);
    if (job == nullptr || job->settings == nullptr) continue;
    ++known;
    const bool waits_for_view = job->owned && job->work == Work::none && !job->next;
    if (learn(*job, control) || waits_for_view) settle(*job);
  }
  if (was_away) settle_all();
  names_known_ = known == jobs_.size();
  watch_open_executions();
  stop_what_people_stop();
  follow_handover();
  watch_capacity();
  pass_wanted_ = true;
}

namespace {

bool same(const std::optional<Pause>& a, const std::optional<Pause>& b) {
  return a.has_value() == b.has_value() &&
         (!a || (a->since == b->since && a->until == b->until && a->by == b->by && a->reason == b->reason));
}

bool same(const std::optional<JobRequest>& a, const std::optional<JobRequest>& b) {
  return a.has_value() == b.has_value() && (!a || a->id == b->id);
}

}  // namespace

// True if it changes what starts next. A look may be older than what I know from my own runs.
bool ReplicaCore::State::learn(CoreJob& job, const JobControl& seen) {
  JobControl control = seen;
  if (!control.request) {
    // Answered for good; one that a look sent before the answer shows again is filtered below.
    if (view_sent_at_ > job.ended_at) job.settled_requests.clear();
  } else if (job.settled_requests.contains(control.request->id)) {
    control.request.reset();
  }
  if (job.control) {
    control.last_due = std::max(control.last_due, job.control->last_due);
    if (!control.phase) control.phase = job.control->phase;
  }
  const bool changed = !job.control || control.phase != job.control->phase ||
                       control.last_due != job.control->last_due || control.first_seen != job.control->first_seen ||
                       !same(control.pause, job.control->pause) || !same(control.request, job.control->request);
  // A person may have put right what was wrong.
  const bool asked = control.request && !(job.control && same(control.request, job.control->request));
  if (asked && job.not_before > now_) job.not_before = now_;
  job.control = std::move(control);
  if (changed) job.next.reset();
  return changed;
}

// P18. Only what a look that was sent after the start shows as open is my run; a stop request that stands beside it was
// made after the launch.
void ReplicaCore::State::stop_what_people_stop() {
  for (const OpenExecution& open : open_) {
    CoreJob* const job = find(open.job);
    if (job == nullptr || job->work != Work::running || view_sent_at_ < job->started_at) continue;
    const bool asked = job->control && job->control->stop_instance == open.instance;
    if (asked || open.status == BatchStatus::stopping) stop(*job, "a person asked for it");
  }
}

// P21: told once when the live tokens do not cover the jobs, and once when they do again. A Deployment that is just
// starting is given time.
void ReplicaCore::State::watch_capacity() {
  if (!listed_ || !looked_ || leaving_ || now_ < started_at_ + 3 * settings_.timings.heartbeat) return;
  std::int64_t tokens = settings_.tokens;
  for (const ReplicaRow* other : live_.others(now_)) {
    if (other->config_hash == settings_.config_hash) tokens += other->tokens;  // others may not know my jobs
  }
  const std::int64_t jobs = static_cast<std::int64_t>(jobs_.size()) - foreign();
  const bool is_short = tokens < jobs;
  if (std::exchange(short_of_tokens_, is_short).value_or(false) == is_short) return;
  if (is_short) {
    tell(Tell::Level::warning,
         fmt::format("no capacity for {} of {}: the live replicas have {}; those jobs wait: start another replica or "
                     "raise replica.tokens",
                     jobs - tokens, how_many(jobs, "job"), how_many(tokens, "token")));
  } else {
    tell(Tell::Level::info, fmt::format("capacity for all {} again: the live replicas have {}", how_many(jobs, "job"),
                                        how_many(tokens, "token")));
  }
}

}  // namespace baton

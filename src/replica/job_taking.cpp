// Which lease to take, and taking it (P2, P4, P5, P8, P20).
#include "lease/take_lease.h"
#include "replica/replica_state.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {

// Nothing is taken that could not be used or kept: not without the repository, not while renewals wait for an answer
// that is overdue, and not before my row is written, so that the others count me.
bool ReplicaCore::State::may_take() const {
  return !leaving_ && looked_ && !away_ && row_written_ && !hangs() && !renewals_late();
}

bool ReplicaCore::State::offered_to_me(const CoreJob& job) const {
  return job.control && job.control->offer && job.control->offer->to == settings_.id;
}

// For 3 × refresh from the first sight of it being free only the receiver may take it.
bool ReplicaCore::State::offered_to_another(const CoreJob& job) const {
  if (!job.control || !job.control->offer || offered_to_me(job) || !job.free_since) return false;
  return now_ < *job.free_since + 3 * settings_.timings.refresh;
}

bool ReplicaCore::State::is_candidate(const CoreJob& job) {
  if (job.busy() || now_ < job.quiet_until()) return false;
  if (job.seen == Seen::mine) return true;
  if (!job.free() || offered_to_another(job)) return false;
  // An offer is written before the release: only a look sent after the release was seen shows it.
  if (job.seen == Seen::released && view_sent_at_ < *job.free_since) {
    look_now_ = true;
    return false;
  }
  return true;
}

// Up to the target at once, in shuffled order; above it only what has been free for 2 × refresh.
void ReplicaCore::State::take_what_is_free() {
  if (!may_take() || tokens_used_ >= settings_.tokens) return;
  std::vector<CoreJob*> candidates;
  for (const auto& job : jobs_) {
    if (is_candidate(*job)) candidates.push_back(job.get());
  }
  for (std::size_t i = candidates.size(); i > 1; --i) std::swap(candidates[i - 1], candidates[below(random_, i)]);
  std::stable_partition(candidates.begin(), candidates.end(),
                        [this](const CoreJob* job) { return offered_to_me(*job) || job->seen == Seen::mine; });
  const std::int64_t target = settings_.balance == Balance::fair ? my_target() : settings_.tokens;
  for (CoreJob* const job : candidates) {
    if (tokens_used_ >= settings_.tokens) return;
    const bool at_once = job->seen == Seen::mine || offered_to_me(*job) || tokens_used_ < target;
    if (at_once || now_ >= *job->free_since + 2 * settings_.timings.refresh) begin_taking(*job);
  }
}

// The listing is consistent enough for what is free: the compare-and-set decides. The rest is read again first.
void ReplicaCore::State::begin_taking(CoreJob& job) {
  if (job.seen == Seen::absent) return take(job, std::nullopt);
  if (job.seen == Seen::released) return take(job, job.record);
  job.call = Call::reading;
  call(ReadLease{job.name, settings_.timings.heartbeat});
  settle(job);
}

void ReplicaCore::State::take(CoreJob& job, const std::optional<LeaseRecord>& seen) {
  job.sent = record_to_take(job.name, settings_.id, settings_.timings.lease, uuid(random_), seen);
  job.sent_at = now_;
  job.call = Call::taking;
  job.had_owner = seen.has_value();
  call(TakeLease{job.sent, seen, settings_.timings.heartbeat});
  settle(job);
}

void ReplicaCore::State::handle(const LeaseTaken& event) {
  call_answered();
  CoreJob* const job = find(event.key);
  if (job == nullptr || job->call != Call::taking) return;
  if (event.answer) {
    told_take_error_.clear();
    store_answered("take");
    return had(*job, job->sent, job->sent_at);
  }
  const Error& error = event.answer.error();
  if (error.kind == ErrorKind::unknown_outcome) {
    job->call = Call::proving;
    return prove(*job);
  }
  if (error.kind == ErrorKind::conflict) {
    store_answered("take");
  } else if (std::exchange(told_take_error_, error.message) != error.message) {
    tell(error.kind == ErrorKind::invalid ? Tell::Level::error : Tell::Level::warning,
         fmt::format("{}: its lease cannot be taken: {}; trying again", job->name, error.message));
  }
  leave_to_listing(*job);
  settle(*job);
}

void ReplicaCore::State::prove(CoreJob& job) {
  job.prove_at = Instant::max();
  call(ReadLease{job.name, settings_.timings.heartbeat});
  set_timer(job);
  count(job);
}

void ReplicaCore::State::handle(const LeaseRead& event) {
  call_answered();
  CoreJob* const job = find(event.key);
  if (job == nullptr) return;
  if (event.record) store_answered("read");
  if (job->lease) {
    job->lease->read_back_answered(event.record, now_);
    settle(*job);
  } else if (job->call == Call::reading || job->call == Call::proving) {
    lease_answered(*job, event);
  }
}

void ReplicaCore::State::lease_answered(CoreJob& job, const LeaseRead& event) {
  const bool proving = job.call == Call::proving;
  if (!event.record) {
    // A take that may have been done is found out about while its lease lasts; after that the next listing tells.
    if (proving && now_ < job.sent_at + settings_.timings.lease) {
      job.prove_at = now_ + settings_.timings.refresh;
      return set_timer(job);
    }
    leave_to_listing(job);
    return settle(job);
  }
  if (proving && take_is_proven(job.sent, *event.record)) return had(job, job.sent, job.sent_at);
  const TakeDecision decision = decide_take(*event.record, settings_.id, observer_, now_);
  leave_to_listing(job);
  switch (decision.kind) {
    case TakeDecision::Kind::mine:
      job.call = Call::claiming;
      job.record = decision.seen;
      renewals_due_.insert(job.id);
      break;
    case TakeDecision::Kind::take:
      // A lost take may still arrive: the next listing tells.
      if (proving || !job.free_since || !may_take()) break;
      if (decision.seen && decision.seen->released) {  // since I looked; there may be an offer
        note(job, *decision.seen);
        break;
      }
      if (offered_to_another(job)) break;
      return take(job, decision.seen);
    case TakeDecision::Kind::wait: note(job, *decision.seen); break;
  }
  settle(job);
}

// A renewal from the version that I found proves that it is mine (P4).
void ReplicaCore::State::claim_answered(CoreJob& job, const Status& answer) {
  if (answer) return had(job, job.sent, job.sent_at);
  leave_to_listing(job);
  settle(job);
}

void ReplicaCore::State::had(CoreJob& job, LeaseRecord mine, Instant sent_at) {
  leave_to_listing(job);
  observer_.forget(job.name);
  HeldLease lease(std::move(mine), sent_at, settings_.timings);
  if (lease.trusted(now_)) {
    job.free_since.reset();
    job.record.reset();
    job.fence_refused_at.reset();
    job.lease.emplace(std::move(lease));
    job.new_since = sent_at;
    if (!job.closing) {
      ++job.counts.acquisitions;
      tell(Tell::Level::info, fmt::format("{}: took its lease", job.name));
    }
  } else {
    tell(Tell::Level::warning,
         fmt::format("{}: taken, but the lease store answered more slowly than a lease is trusted", job.name));
  }
  settle(job);
}

// Nothing is done about it before a listing says what it is now.
void ReplicaCore::State::leave_to_listing(CoreJob& job) {
  job.call = Call::none;
  job.seen = Seen::unknown;
}

}  // namespace baton

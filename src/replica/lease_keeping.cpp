// The leases that this replica holds: renewed in one batch, read back, released (P3, P4, P7).
#include "replica/replica_state.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {

void ReplicaCore::State::handle(const LeasesRenewed& event) {
  renewing_ = 0;
  const bool hung = std::exchange(renewals_hang_, false);
  renewals_.latency.add(now_ - renewals_sent_at_, now_);
  std::size_t failed = 0;
  bool answered = false;
  Error error;
  for (std::size_t i = 0; i < event.keys.size(); ++i) {
    const Status answer = i < event.answers.size() ? event.answers[i]
                                                   : fail(ErrorKind::unknown_outcome, "the lease store gave no answer");
    if (answer || answer.error().kind == ErrorKind::conflict) {
      answered = true;
      renewals_.done += answer ? 1 : 0;
    } else {
      ++failed;
      error = answer.error();
    }
    CoreJob* const job = find(event.keys[i]);
    if (job == nullptr) continue;
    if (job->lease && std::exchange(job->renewing, false)) {
      job->lease->renewal_answered(answer, now_);
      settle(*job);
    } else if (job->call == Call::claiming) {
      claim_answered(*job, answer);
    }
  }
  if (!hung) renewals_.failed += failed;
  if (failed > 0) {
    error.message = fmt::format("{} of {} leases were not renewed: {}", failed, event.keys.size(), error.message);
    store_failed("renew", error);
  }
  if (answered && failed == 0) store_answered("renew");
  if (hung) tell(Tell::Level::info, "the renewals of the leases are answered again");
  if (hung) settle_all();
  for (const int id : std::set<int>(renewals_due_)) settle(*by_id_.at(id));
}

void ReplicaCore::State::call_answered() {
  call_answered_at_ = now_;
  if (calls_owed_ > 0) --calls_owed_;
  if (!std::exchange(loop_hangs_, false)) return;
  tell(Tell::Level::info, "the calls of the lease store are answered again");
  settle_all();
}

// Each call has a timeout far below a lease: who gets no answer at all for so long, good or bad, hangs. When the next
// one that has not returned will do so.
Instant ReplicaCore::State::hung_from() const {
  Instant since = Instant::max();
  if (calls_owed_ > 0 && !loop_hangs_) since = call_answered_at_;
  if (renewing_ > 0 && !renewals_hang_) since = std::min(since, renewals_sent_at_);
  return since == Instant::max() ? since : since + settings_.timings.lease;
}

std::optional<Instant> ReplicaCore::State::hung_since() const {
  std::optional<Instant> since;
  if (loop_hangs_) since = call_answered_at_;
  if (renewals_hang_) since = std::min(since.value_or(renewals_sent_at_), renewals_sent_at_);
  return since;
}

// A heartbeat is the most that a batch is given.
bool ReplicaCore::State::renewals_late() const {
  return renewing_ > 0 && now_ > renewals_sent_at_ + settings_.timings.heartbeat;
}

// Owning a lease is not being alive: a process whose loops hang renews nothing, and others take its jobs.
void ReplicaCore::State::watch_calls() {
  if (now_ < hung_from()) return;
  const auto since_a_lease = [this](Instant sent) { return now_ >= sent + settings_.timings.lease; };
  if (calls_owed_ > 0 && since_a_lease(call_answered_at_) && !std::exchange(loop_hangs_, true)) {
    tell(Tell::Level::error, "a call of the lease store has not returned for a lease: no lease is renewed any more");
  }
  if (renewing_ > 0 && since_a_lease(renewals_sent_at_) && !std::exchange(renewals_hang_, true)) {
    tell(Tell::Level::error,
         "the renewals of the leases have not returned for a lease: no lease is renewed or taken any more");
    renewals_.failed += renewing_;
  }
  settle_all();
}

void ReplicaCore::State::handle(const LeaseReleased& event) {
  call_answered();
  CoreJob* const job = find(event.key);
  if (job == nullptr || !job->lease) return;
  if (event.answer || event.answer.error().kind == ErrorKind::conflict) store_answered("release");
  job->lease->release_answered(event.answer, now_);
  settle(*job);
}

void ReplicaCore::State::handle(const RenewalWanted& event) {
  CoreJob* const job = find(event.job);
  if (job == nullptr || !job->lease) return;
  job->lease->ask_renewal(now_);
  settle(*job);
}

// What the lease needs now; forgets it when it is over.
void ReplicaCore::State::keep_lease(CoreJob& job) {
  HeldLease& lease = *job.lease;
  if (lease.releasing() && !lease.busy() && lease.state() == HeldLease::State::held &&
      now_ >= lease.release_deadline()) {
    lease.give_up(now_, lease.failing() ? lease.reason() : "its time ran out");
  }
  if (renewals_hang_ && job.renewing) lease.give_up(now_, "its renewal has not returned for a lease");
  if (lease.over(now_)) return drop_lease(job);
  const bool trusted = lease.trusted(now_) || lease.releasing();
  if (!trusted && job.work != Work::none) stop(job, "the lease is not trusted any more: its renewal is not answered");
  if (job.unrenewed || loop_hangs_) return;
  switch (lease.next(now_)) {
    case HeldLease::Step::none: return;
    case HeldLease::Step::renew: renewals_due_.insert(job.id); return;
    case HeldLease::Step::read_back:
      call(ReadLease{job.name, lease.attempt_timeout(now_)});
      lease.begin_read_back();
      return;
    case HeldLease::Step::release:
      renewals_due_.erase(job.id);
      call(ReleaseLease{job.name, lease.record().owner_name, lease.record().version, lease.attempt_timeout(now_)});
      lease.begin_release();
      return;
  }
}

void ReplicaCore::State::drop_lease(CoreJob& job) {
  HeldLease& lease = *job.lease;
  if (lease.state() == HeldLease::State::held) {
    lease.give_up(now_, lease.failing() ? "its time ran out: " + lease.reason() : "its time ran out");
  }
  const bool released = lease.state() == HeldLease::State::released;
  if (released) {
    tell(Tell::Level::info, fmt::format("{}: released, {}", job.name, job.release_why));
  } else if (lease.releasing()) {
    tell(Tell::Level::warning,
         fmt::format("{}: not released, so it is free for others only when the lease runs out: {}", job.name,
                     lease.reason()));
  } else {
    ++(job.work == Work::running ? job.counts.losses_running : job.counts.losses_idle);
    tell(Tell::Level::warning, fmt::format("{}: lost its lease: {}", job.name, lease.reason()));
  }
  if (job.work != Work::none) stop(job, "its lease is lost: " + lease.reason());
  job.stalled_now = false;
  renewals_due_.erase(job.id);
  job.record = lease.record();
  job.record->released = released;
  job.lease.reset();
  job.owned = job.closed = job.unrenewed = job.renewing = false;
  job.next.reset();
  leave_to_listing(job);
  if (handover_ && handover_->job == job.name) {
    if (released && handover_->offered) {
      handover_->released_at = now_;
    } else {
      handover_.reset();
    }
  }
  job.offering = false;
  if (released) {
    job.seen = Seen::unknown;
    job.free_since = now_;
  }
}

void ReplicaCore::State::release(CoreJob& job, std::string why) {
  job.release_why = std::move(why);
  job.lease->ask_release(now_);
  starts_.erase(job.id);
  keep_lease(job);
}

// One batch at a time, with what would soon be due anyway; before anything else.
void ReplicaCore::State::send_renewals() {
  if (renewing_ > 0 || loop_hangs_ || renewals_due_.empty()) return;
  const Instant soon = now_ + settings_.timings.heartbeat / 2;
  RenewLeases batch;
  batch.timeout = settings_.timings.heartbeat;
  const auto add = [&](CoreJob& job) {
    const bool due = renewals_due_.contains(job.id);
    if (job.lease) {
      HeldLease& lease = *job.lease;
      const bool now = due && lease.next(now_) == HeldLease::Step::renew;
      if (job.unrenewed || (!now && !lease.renewable(now_, soon))) return;
      batch.timeout = std::min(batch.timeout, lease.attempt_timeout(now_));
      batch.renewals.push_back(lease.begin_renewal(uuid(random_), now_));
      job.renewing = true;
    } else if (due && job.call == Call::claiming) {
      const LeaseRecord& record = *job.record;
      job.sent = record;
      job.sent.version = uuid(random_);
      job.sent.lease_duration = settings_.timings.lease;
      job.sent_at = now_;
      batch.renewals.push_back({job.name, settings_.id, record.version, job.sent.version, job.sent.lease_duration});
    } else {
      return;
    }
  };
  for (const auto& job : jobs_) add(*job);
  for (const auto& [name, job] : strangers_) add(*job);
  const std::set<int> due = std::exchange(renewals_due_, {});
  for (const int id : due) set_timer(*by_id_.at(id));
  for (const LeaseRenewal& renewal : batch.renewals) set_timer(*find(renewal.key));
  if (batch.renewals.empty()) return;
  renewing_ = batch.renewals.size();
  renewals_sent_at_ = now_;
  actions_.emplace(actions_.begin(), std::move(batch));
}

// With a listing: with nothing left to renew no renewal can show that the store does it again. Then it answers again if
// listing failed too, and else nothing is known and nothing is said.
void ReplicaCore::State::forget_renewals(bool was_away) {
  const bool mine = std::any_of(by_id_.begin(), by_id_.end(), [](const auto& one) {
    return one.second->lease || one.second->seen == Seen::mine || one.second->call == Call::claiming;
  });
  if (!mine && store_outage_.succeeded("renew") && was_away) tell(Tell::Level::info, "the lease store answers again");
}

void ReplicaCore::State::store_answered(const std::string& what) {
  store_answered_ = true;
  if (store_outage_.succeeded(what)) tell(Tell::Level::info, "the lease store answers again");
}

void ReplicaCore::State::store_failed(const std::string& what, const Error& error) {
  if (!store_outage_.failed(what)) return;
  tell(Tell::Level::warning, fmt::format("lease store: {}; trying again: jobs of mine go on while their leases are "
                                         "trusted, and none is taken",
                                         error.message));
}

}  // namespace baton

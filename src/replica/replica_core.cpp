#include "replica/replica_core.h"

#include "replica/replica_state.h"

#include <algorithm>
#include <utility>

namespace baton {

ReplicaCore::ReplicaCore(ReplicaSettings settings, Random& random)
    : state_(std::make_unique<State>(std::move(settings), random)) {}

ReplicaCore::~ReplicaCore() = default;

ReplicaActions ReplicaCore::on(const ReplicaEvent& event, Instant now) { return state_->on(event, now); }

Instant ReplicaCore::next_at() const { return state_->next_at(); }

const HeldLease* ReplicaCore::lease(const std::string& job) const {
  const CoreJob* known = std::as_const(*state_).find(job);
  return known != nullptr && known->lease ? &*known->lease : nullptr;
}

JobPhase ReplicaCore::phase(const std::string& job) const {
  const CoreJob* known = std::as_const(*state_).find(job);
  if (known == nullptr) return JobPhase::waiting;
  if (!known->lease) {
    if (known->work != CoreJob::Work::none) return JobPhase::draining;
    return known->call == CoreJob::Call::none ? JobPhase::waiting : JobPhase::taking;
  }
  if (known->lease->releasing()) return JobPhase::releasing;
  if (known->work == CoreJob::Work::running) return JobPhase::running;
  return known->owned && known->work == CoreJob::Work::none ? JobPhase::idle : JobPhase::becoming;
}

std::int64_t ReplicaCore::tokens_used() const { return state_->tokens_used(); }

bool ReplicaCore::finished() const { return state_->finished(); }

ReplicaCore::State::State(ReplicaSettings settings, Random& random)
    : settings_(std::move(settings)),
      random_(random),
      observer_(std::max<std::size_t>(10'000, 2 * settings_.jobs.size())),
      live_(settings_.id),
      receivers_(settings_.timings.lease) {
  for (const ReplicaJob& job : settings_.jobs) {
    jobs_.push_back(std::make_unique<CoreJob>(next_id_++, job.name, &job));
    by_name_[job.name] = by_id_[jobs_.back()->id] = jobs_.back().get();
  }
}

ReplicaActions ReplicaCore::State::on(const ReplicaEvent& event, Instant now) {
  now_ = std::max(now, now_);
  if (!std::exchange(started_, true)) started_at_ = now_;
  actions_.clear();
  std::visit([this](const auto& one) { handle(one); }, event);
  run_timers();
  if (std::exchange(pass_wanted_, false)) {
    take_what_is_free();
    close_what_nobody_runs();
    give_one_away();
  }
  ask_stores();
  finish_if_done();
  return std::move(actions_);
}

Instant ReplicaCore::State::next_at() const {
  if (!started_) return Instant::min();
  if (finished_) return Instant::max();
  Instant next = Instant::max();
  if (!wake_.empty()) next = std::min(next, wake_.first().first);
  if (!starts_.empty()) next = std::min(next, clock_.when(starts_.first().first));
  if (!listing_ && !leaving_) next = std::min(next, list_at());
  if (!looking_ && looks_wanted()) next = std::min(next, look_sent_at_ + settings_.timings.refresh);
  if (const auto from = away_from(); from && !away_) next = std::min<Instant>(next, *from + settings_.timings.lease);
  next = std::min(next, hung_from());
  return next;
}

const CoreJob* ReplicaCore::State::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

CoreJob* ReplicaCore::State::find(const std::string& name) {
  return const_cast<CoreJob*>(std::as_const(*this).find(name));
}

void ReplicaCore::State::run_timers() {
  if (finished_) return;
  watch_calls();
  if (const auto from = away_from(); from && !away_ && now_ >= *from + settings_.timings.lease) {
    away_ = true;
    settle_all();
  }
  while (!wake_.empty() && wake_.first().first <= now_) {
    CoreJob& job = *by_id_.at(wake_.first().second);
    wake_.erase(job.id);
    settle(job);
  }
  while (!starts_.empty() && clock_.when(starts_.first().first) <= now_) {
    CoreJob& job = *by_id_.at(starts_.first().second);
    starts_.erase(job.id);
    job.next.reset();
    settle(job);
  }
}

// After everything else, since what happened may want it earlier.
void ReplicaCore::State::ask_stores() {
  if (finished_) return;
  if (!listing_ && !leaving_ && now_ >= list_at()) list_leases();
  if (look_now_ || now_ >= look_sent_at_ + settings_.timings.refresh) look();
  send_renewals();
}

// Does for one job what can be done now.
void ReplicaCore::State::settle(CoreJob& job) {
  if (job.lease) keep_lease(job);
  if (job.lease && !job.lease->releasing()) {
    if (job.work == Work::none) decide(job);
    if (job.work != Work::none) stop_if_wanted(job);
  } else {
    starts_.erase(job.id);
  }
  if (job.call == Call::proving && now_ >= job.prove_at) prove(job);
  if (!job.busy()) {
    if (std::exchange(job.closing, false)) closing_ = nullptr;
    note_expiry(job);
  }
  count(job);
  set_timer(job);
}

void ReplicaCore::State::settle_all() {
  for (const auto& job : jobs_) settle(*job);
  for (const auto& [name, job] : strangers_) settle(*job);
}

// A token is free again only when lease and thread are gone.
void ReplicaCore::State::count(CoreJob& job) {
  const bool in_hand = job.busy() && !job.closing;
  if (std::exchange(job.in_hand, in_hand) == in_hand) return;
  tokens_used_ += in_hand ? 1 : -1;
  if (!in_hand) pass_wanted_ = true;
}

void ReplicaCore::State::set_timer(CoreJob& job) {
  Instant at = Instant::max();
  if (job.lease) {
    at = lease_timer(job);
  } else if (job.call == Call::proving) {
    at = job.prove_at;
  } else if (!job.busy() && job.seen == Seen::held) {
    at = observer_.decide_at(job.name).value_or(Instant::max());
  }
  if (at == Instant::max()) {
    wake_.erase(job.id);
  } else {
    wake_.set(job.id, at);
  }
}

Instant ReplicaCore::State::lease_timer(const CoreJob& job) const {
  const HeldLease& lease = *job.lease;
  const auto coming = [this](Instant at) { return at > now_ ? at : Instant::max(); };
  Instant at = Instant::max();
  if (lease.busy()) {
    if (job.work != Work::none) at = coming(lease.trusted_until());
  } else if (renewals_due_.contains(job.id) || job.unrenewed || loop_hangs_) {
    at = lease.releasing() ? lease.release_deadline() : lease.trusted_until();
  } else {
    at = std::min(lease.next_at(), lease.release_deadline());
  }
  if (job.work != Work::none) at = std::min(at, coming(job.end_by));
  if (job.work == Work::running) at = std::min(at, coming(job.check_at));
  if (job.work == Work::none && !lease.releasing()) at = std::min(at, coming(job.quiet_until()));
  return at;
}

void ReplicaCore::State::finish_if_done() {
  if (!leaving_ || finished_) return;
  if (tokens_used_ > 0 || closing_ != nullptr) return;
  finished_ = true;
  act(Finish{});
}

void ReplicaCore::State::tell(Tell::Level level, std::string text) { act(Tell{level, std::move(text)}); }

}  // namespace baton

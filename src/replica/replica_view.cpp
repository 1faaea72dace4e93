#include "replica/replica_view.h"

#include "replica/replica_state.h"

#include <algorithm>

namespace baton {

JobView ReplicaCore::State::view_of(const CoreJob& job) const {
  JobView view;
  view.job = job.name;
  view.owned = job.lease && job.owned && !job.closing;
  view.unowned = !job.busy() && job.free();
  if (job.work == Work::running) view.running_since = job.started_at;
  if (job.control) {
    view.first_seen = job.control->first_seen;
    if (job.control->paused(clock_.now(now_))) view.paused_since = job.control->pause->since;
  }
  if (view.owned && job.next) view.next_start = job.next->at;
  view.last_success = job.last_success;
  view.never_succeeded = job.never_succeeded;
  view.counts = job.counts;
  return view;
}

ReplicaView ReplicaCore::State::view(Instant now) const {
  ReplicaView view;
  view.at = now;
  view.tokens_used = tokens_used_;
  view.live_replicas = 1;
  view.live_tokens = settings_.tokens;
  for (const ReplicaRow* other : live_.others(now)) {
    ++view.live_replicas;
    if (other->config_hash == settings_.config_hash) view.live_tokens += other->tokens;
  }
  view.jobs_to_own = static_cast<std::int64_t>(jobs_.size()) - foreign();
  view.renewals = renewals_;
  view.jobs.reserve(jobs_.size());
  for (const auto& job : jobs_) {
    view.jobs.push_back(view_of(*job));
    if (!job->lease) continue;
    ++view.leases_held;
    const auto left = std::chrono::duration_cast<Duration>(job->lease->trusted_until() - now);
    view.least_trust_left = std::max(Duration(0), std::min(view.least_trust_left.value_or(left), left));
  }
  return view;
}

ReplicaPulse ReplicaCore::State::pulse() const {
  return {now_, listed_ && !store_outage_.lasts() && !hangs(), looked_ && !away_, leaving_, hung_since()};
}

ReplicaView ReplicaCore::view(Instant now) const { return state_->view(now); }

ReplicaPulse ReplicaCore::pulse() const { return state_->pulse(); }

}  // namespace baton

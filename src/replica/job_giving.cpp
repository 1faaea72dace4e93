// Who should own how many jobs, and giving one away (P20).
#include "replica/replica_state.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {

// Live replicas with my configuration, me included.
std::int64_t ReplicaCore::State::same_configuration() const {
  std::int64_t replicas = 1;
  for (const ReplicaRow* other : live_.others(now_)) replicas += other->config_hash == settings_.config_hash ? 1 : 0;
  return replicas;
}

// Jobs held by owners that are not replicas. A replica writes its row before it takes a lease, so that only a look that
// was sent after its lease was seen tells that there is none.
std::int64_t ReplicaCore::State::foreign() const {
  std::int64_t jobs = 0;
  for (const auto& [owner, held] : holders_) {
    if (!live_.has_row(owner) && view_sent_at_ > held.since) jobs += held.jobs;
  }
  return jobs;
}

std::int64_t ReplicaCore::State::my_target() const {
  return fair_target(static_cast<std::int64_t>(jobs_.size()), foreign(), same_configuration(), settings_.tokens);
}

std::int64_t ReplicaCore::State::my_held() const {
  return std::count_if(jobs_.begin(), jobs_.end(), [](const auto& job) { return job->lease && !job->closing; });
}

// What is offered to it and not cleared counts as held, for as long as it may still be on its way.
std::vector<Peer> ReplicaCore::State::peers(std::int64_t replicas) const {
  std::map<std::string, std::int64_t> on_the_way;
  const WallTime oldest = clock_.now(now_) - 3 * settings_.timings.refresh - settings_.timings.lease;
  for (const auto& job : jobs_) {
    if (!job->control || !job->control->offer || job->control->offer->at < oldest) continue;
    const std::string& to = job->control->offer->to;
    const bool there = job->seen == Seen::held && job->record && job->record->owner_name == to;
    if (!there) ++on_the_way[to];
  }
  std::vector<Peer> peers;
  for (const ReplicaRow* other : live_.others(now_)) {
    if (other->config_hash != settings_.config_hash) continue;
    const auto held = holders_.find(other->id);
    Peer peer{other->id, held == holders_.end() ? 0 : held->second.jobs, 0, receivers_.in_backoff(other->id, now_)};
    peer.held += on_the_way[other->id];
    peer.target = fair_target(static_cast<std::int64_t>(jobs_.size()), foreign(), replicas, other->tokens);
    peers.push_back(std::move(peer));
  }
  return peers;
}

// The one whose next start is furthest away; never one that runs, or is about to.
CoreJob* ReplicaCore::State::idle_job_to_give() {
  const WallTime soon = clock_.now(now_) + settings_.timings.refresh;
  CoreJob* best = nullptr;
  const auto starts = [](const CoreJob& job) { return job.next->at.value_or(WallTime::max()); };
  for (const auto& job : jobs_) {
    if (!job->lease || !job->lease->trusted(now_) || !job->owned || job->work != Work::none || !job->next) continue;
    if (starts(*job) <= soon) continue;
    if (best == nullptr || starts(*job) > starts(*best)) best = job.get();
  }
  return best;
}

void ReplicaCore::State::give_one_away() {
  if (settings_.balance != Balance::fair || handover_ || offering_ || !may_take() || !listed_ || now_ < give_at_)
    return;
  const std::int64_t replicas = same_configuration();
  if (replicas < 2 || my_held() <= my_target()) return;
  const auto to = whom_to_offer(my_held(), my_target(), peers(replicas), random_);
  CoreJob* const job = to ? idle_job_to_give() : nullptr;
  if (job == nullptr) return;
  handover_ = Handover{job->name, *to, false, std::nullopt, std::nullopt};
  job->offering = offering_ = true;
  starts_.erase(job->id);
  act(WriteOffer{job->name, Offer{*to, settings_.id, clock_.now(now_)}, 3 * settings_.timings.refresh});
}

void ReplicaCore::State::handle(const OfferWritten& event) {
  offering_ = false;
  CoreJob* const job = find(event.job);
  if (job == nullptr || !job->offering || !handover_ || handover_->job != event.job) return;
  job->offering = false;
  if (event.answer && job->lease && !job->lease->releasing() && job->lease->trusted(now_)) {
    handover_->offered = true;
    tell(Tell::Level::info, fmt::format("{}: gave it to {}, which owns fewer", job->name, handover_->to));
    release(*job, "given to " + handover_->to);
  } else {
    handover_.reset();
    give_at_ = now_ + 3 * settings_.timings.refresh;
  }
  settle(*job);
}

// With each listing and each look: has the receiver taken it, and become the owner, which clears the offer?
void ReplicaCore::State::follow_handover() {
  if (!handover_ || !handover_->released_at) return;
  const CoreJob& job = *find(handover_->job);
  if (job.busy()) return end_handover(false);  // mine again
  if (job.seen == Seen::unknown || list_sent_at_ < *handover_->released_at) return;
  const bool held = job.seen == Seen::held && job.record;
  if (held && job.record->owner_name != handover_->to) return end_handover(false);
  if (held) {
    if (!handover_->taken_at) handover_->taken_at = now_;
    const bool cleared = view_sent_at_ > *handover_->released_at && job.control && !job.control->offer;
    if (cleared) return end_handover(true);
    if (now_ > *handover_->taken_at + settings_.timings.lease + settings_.timings.refresh) return end_handover(false);
  } else if (handover_->taken_at || now_ > *handover_->released_at + 3 * settings_.timings.refresh) {
    end_handover(false);
  }
}

void ReplicaCore::State::end_handover(bool done) {
  const Handover over = *std::exchange(handover_, std::nullopt);
  if (done) return receivers_.became_owner(over.to);
  std::set<std::string> holds;
  for (const auto& job : jobs_) {
    if (job->seen == Seen::held && job->record && job->record->owner_name == over.to) holds.insert(job->name);
  }
  receivers_.failed(over.to, holds, now_);
  tell(Tell::Level::info,
       fmt::format("{}: {} did not become its owner; it is offered nothing for a while", over.job, over.to));
}

}  // namespace baton

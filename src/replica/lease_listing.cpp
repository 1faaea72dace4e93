// What others hold: one listing serves all waiting jobs (P5); expiry is judged by observation (P2).
#include "lease/probe_name.h"
#include "replica/replica_state.h"

#include <algorithm>
#include <utility>

namespace baton {

void ReplicaCore::State::handle(const LeasesListed& event) {
  listing_ = false;
  call_answered();
  if (!std::exchange(store_heard_, true)) look_now_ = true;
  if (!event.records) return store_failed("list", event.records.error());
  const bool was_away = store_outage_.lasts("list");
  store_answered("list");
  if (!std::exchange(listed_, true) && !row_written_) look_now_ = true;
  const auto known_to_wait = [](const CoreJob& job) { return !job.lease && job.call == Call::none; };
  for (const auto& job : jobs_) {
    if (known_to_wait(*job)) job->seen = Seen::unknown;
  }
  for (const auto& [name, job] : strangers_) {
    if (known_to_wait(*job)) job->seen = Seen::unknown;
  }
  for (const LeaseRecord& record : *event.records) {
    CoreJob* const job = find(record.key);
    if (job != nullptr && known_to_wait(*job)) note(*job, record);
  }
  const auto note_absent = [&](CoreJob& job) {
    if (!known_to_wait(job) || job.seen != Seen::unknown) return;
    job.seen = Seen::absent;
    job.record.reset();
    if (!job.free_since) job.free_since = now_;
    observer_.forget(job.name);
  };
  for (const auto& job : jobs_) note_absent(*job);
  for (const auto& [name, job] : strangers_) note_absent(*job);
  count_holders(*event.records);
  forget_renewals(was_away);
  follow_handover();
  for (const auto& job : jobs_) set_timer(*job);
  for (const auto& [name, job] : strangers_) set_timer(*job);
  watch_capacity();
  pass_wanted_ = true;
  if (list_again_ && !leaving_) list_leases();
}

// One call of each kind at a time. What is under way may not have seen the change, so one more follows it.
void ReplicaCore::State::handle(const ChangesNoticed& event) {
  if (leaving_) return;
  if (event.repository) look_now_ = true;
  if (!event.leases) return;
  if (listing_) {
    list_again_ = true;
  } else {
    list_leases();
  }
}

void ReplicaCore::State::list_leases() {
  listing_ = true;
  list_again_ = false;
  list_sent_at_ = now_;
  call(ListLeases{settings_.timings.heartbeat});
}

// Slower only while there is no free token or nothing to wait for.
Instant ReplicaCore::State::list_at() const {
  if (!store_heard_ && !listing_) return started_at_;
  const LeaseTimings& timings = settings_.timings;
  const auto jobs = static_cast<std::int64_t>(jobs_.size());
  const bool waits = tokens_used_ < std::min(settings_.tokens, jobs) || !strangers_.empty() || handover_;
  return list_sent_at_ +
         (waits || store_outage_.lasts() ? timings.refresh : std::max(timings.refresh, timings.heartbeat));
}

void ReplicaCore::State::note(CoreJob& job, const LeaseRecord& record) {
  const bool known_release = job.record && job.record->released && job.record->version == record.version;
  job.record = record;
  const bool probed = is_probe(record.owner_name);  // who only looks neither owns it nor gives it to anybody
  if (record.released) {
    // A release that is new to me counts from now, whatever I took the job for before: it may come with an offer.
    if (!job.free_since || (!known_release && !probed)) job.free_since = now_;
    job.seen = Seen::released;
    observer_.forget(job.name);
  } else if (record.owner_name == settings_.id) {
    job.seen = Seen::mine;
    job.free_since.reset();
  } else {
    observer_.observe(record, now_);
    job.seen = Seen::held;
    if (observer_.expired(record, now_)) return note_expiry(job);
    if (!probed) job.free_since.reset();
  }
}

void ReplicaCore::State::note_expiry(CoreJob& job) {
  if (job.seen != Seen::held || !job.record || !observer_.expired(*job.record, now_)) return;
  job.seen = Seen::expired;
  if (job.free_since) return;
  job.free_since = now_;
  live_.presume_dead(job.record->owner_name);
  pass_wanted_ = true;
}

void ReplicaCore::State::count_holders(const std::vector<LeaseRecord>& records) {
  const std::map<std::string, Holder> before = std::exchange(holders_, {});
  for (const LeaseRecord& record : records) {
    if (record.released || record.owner_name == settings_.id || is_probe(record.owner_name)) continue;
    const CoreJob* const job = find(record.key);
    if (job == nullptr || job->settings == nullptr || job->seen == Seen::expired) continue;
    const auto known = before.find(record.owner_name);
    if (known == before.end() && !live_.has_row(record.owner_name)) look_now_ = true;
    Holder& holder = holders_[record.owner_name];
    holder.since = known == before.end() ? now_ : known->second.since;
    ++holder.jobs;
  }
  if (receivers_.empty()) return;
  std::map<std::string, std::set<std::string>> held;
  for (const LeaseRecord& record : records) {
    if (!record.released && find(record.key) != nullptr) held[record.owner_name].insert(record.key);
  }
  receivers_.observe(held, now_);
}

}  // namespace baton

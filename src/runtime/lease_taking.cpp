#include "base/duration.h"
#include "lease/take_lease.h"
#include "runtime/lease_keeper_state.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

// Beyond the duration in the record, for the refreshes and calls that go with it.
constexpr Duration grace(5'000);
constexpr Duration longest(100LL * 366 * 86'400'000);

Instant after(Instant from, Duration wait) { return from + std::clamp(wait, Duration::zero(), longest); }

}  // namespace

LeaseKeeper::Taking::Taking(Shared& shared, const std::string& key, std::optional<Duration> wait, std::stop_token stop)
    : shared_(shared), key_(key), stop_(std::move(stop)), began_(shared.clock.now()) {
  if (wait) give_up_at_ = after(began_, *wait);
}

Result<HeldLease> LeaseKeeper::Taking::run() {
  while (!stop_.stop_requested()) {
    BATON_TRY(std::optional<HeldLease> lease, look());
    if (lease) return *std::move(lease);
  }
  return fail(ErrorKind::retry, fmt::format("lease {}: stopped before it was taken", key_));
}

LeaseKeeper::Taking::Outcome LeaseKeeper::Taking::look() {
  const auto record = shared_.store.read(key_, shared_.timings.heartbeat);
  const Instant now = shared_.clock.now();
  if (!record) return wait_for_store(record.error());
  if (unknown_ && take_is_proven(unknown_->record, *record)) return had(**record, unknown_->at);
  Shared::Lock lock(shared_.mutex);
  const TakeDecision decision = decide_take(*record, shared_.owner_name, shared_.observer, now);
  lock.unlock();
  switch (decision.kind) {
    case TakeDecision::Kind::take: return try_take(decision.seen);
    case TakeDecision::Kind::mine: return try_renew(*decision.seen);
    case TakeDecision::Kind::wait: return wait_for_holder(*decision.seen, decision.look_again_at, now);
  }
  return fail(ErrorKind::internal, "a decision that does not exist");
}

LeaseKeeper::Taking::Outcome LeaseKeeper::Taking::try_take(const std::optional<LeaseRecord>& seen) {
  const LeaseRecord mine = record_to_take(key_, shared_.owner_name, shared_.timings.lease, uuid(shared_.random), seen);
  const Instant sent_at = shared_.clock.now();
  const Status answer = shared_.store.take(mine, seen, shared_.timings.heartbeat);
  if (answer) return had(mine, sent_at);
  if (answer.error().kind == ErrorKind::unknown_outcome) unknown_ = Sent{mine, sent_at};
  return look_again_soon(answer.error());
}

LeaseKeeper::Taking::Outcome LeaseKeeper::Taking::try_renew(LeaseRecord mine) {
  const LeaseRenewal renewal{key_, shared_.owner_name, mine.version, uuid(shared_.random), shared_.timings.lease};
  const Instant sent_at = shared_.clock.now();
  const std::vector<Status> answers = shared_.store.renew({&renewal, 1}, shared_.timings.heartbeat);
  if (answers.size() != 1) return fail(ErrorKind::internal, "the lease store gave no answer");
  if (!answers.front()) return look_again_soon(answers.front().error());
  mine.version = renewal.new_version;
  mine.lease_duration = renewal.lease_duration;
  return had(std::move(mine), sent_at);
}

LeaseKeeper::Taking::Outcome LeaseKeeper::Taking::had(LeaseRecord mine, Instant sent_at) {
  HeldLease lease(std::move(mine), sent_at, shared_.timings);
  if (lease.trusted(shared_.clock.now())) return lease;
  return look_again_soon({ErrorKind::retry, "the lease store answers more slowly than a lease lasts"});
}

LeaseKeeper::Taking::Outcome LeaseKeeper::Taking::wait_for_holder(const LeaseRecord& held, Instant look_again_at,
                                                                  Instant now) {
  if (!give_up_at_) give_up_at_ = after(began_, 2 * std::min(held.lease_duration, longest / 4) + grace);
  if (now >= *give_up_at_) {
    const auto waited = std::chrono::duration_cast<Duration>(now - began_);
    return fail(ErrorKind::retry, fmt::format("lease {}: {} holds it (for {} after its last renewal) and did not let "
                                              "go within {}; end that process, or try again later",
                                              key_, held.owner_name, to_text(held.lease_duration), to_text(waited)));
  }
  if (!std::exchange(told_, true) && shared_.log) {
    const auto longest_wait = std::chrono::duration_cast<Duration>(*give_up_at_ - began_);
    shared_.log(
        fmt::format("lease {}: {} holds it; waiting for at most {}", key_, held.owner_name, to_text(longest_wait)));
  }
  shared_.clock.wait_until(std::min({look_again_at, now + shared_.timings.refresh, *give_up_at_}), stop_);
  return std::nullopt;
}

LeaseKeeper::Taking::Outcome LeaseKeeper::Taking::wait_for_store(const Error& error) {
  if (error.kind == ErrorKind::invalid || error.kind == ErrorKind::internal) return fail(error);
  const Instant now = shared_.clock.now();
  const Instant give_up_at = give_up_at_.value_or(after(began_, 2 * shared_.timings.lease + grace));
  if (now >= give_up_at) return fail(ErrorKind::retry, fmt::format("lease {}: {}", key_, error.message));
  shared_.clock.wait_until(std::min(now + shared_.timings.refresh, give_up_at), stop_);
  return std::nullopt;
}

// The first time at once: a conflict or a lost answer is mostly settled by one read.
LeaseKeeper::Taking::Outcome LeaseKeeper::Taking::look_again_soon(const Error& error) {
  const bool settled_by_read = error.kind == ErrorKind::conflict || error.kind == ErrorKind::unknown_outcome;
  if (settled_by_read && !std::exchange(hurried_, true)) return std::nullopt;
  return wait_for_store(error);
}

}  // namespace baton

#include "runtime/lease_keeper.h"

#include "base/duration.h"
#include "runtime/lease_keeper_state.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {

using Step = HeldLease::Step;
using State = HeldLease::State;

LeaseKeeper::LeaseKeeper(LeaseStore& store, Clock& clock, Random& random, LeaseTimings timings, std::string owner_name,
                         Log log)
    : shared_(std::make_shared<Shared>(store, clock, random, timings, std::move(owner_name), std::move(log))),
      thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

LeaseKeeper::~LeaseKeeper() {
  thread_.request_stop();
  {
    const std::scoped_lock lock(shared_->mutex);
    shared_->stopping = true;
    shared_->bell.ring();
  }
  thread_.join();
}

const std::string& LeaseKeeper::owner_name() const { return shared_->owner_name; }

void LeaseKeeper::run(std::stop_token stop) {
  Shared::Lock lock(shared_->mutex);
  while (!stop.stop_requested()) {
    const Instant now = shared_->clock.now();
    shared_->drop_over(lock, now);
    if (shared_->renew_due(lock, now) || shared_->read_due(lock, now)) continue;
    if (!stop.stop_requested()) shared_->wait(lock, shared_->next_at());
  }
}

Result<std::shared_ptr<LeaseHold>> LeaseKeeper::take(const std::string& key, std::optional<Duration> wait,
                                                     std::stop_token stop) {
  Shared::Lock lock(shared_->mutex);
  shared_->drop_over(lock, shared_->clock.now());
  if (shared_->held.contains(key) || !shared_->taking.insert(key).second) {
    return fail(ErrorKind::conflict, fmt::format("lease {}: this process holds it or takes it already", key));
  }
  lock.unlock();
  auto taken = Taking(*shared_, key, wait, std::move(stop)).run();
  lock.lock();
  shared_->taking.erase(key);
  if (!taken) return fail(std::move(taken).error());
  auto entry = std::make_shared<Entry>(Entry{*std::move(taken)});
  shared_->observer.forget(key);
  shared_->held.emplace(key, entry);
  shared_->bell.ring();
  return std::make_shared<Hold>(shared_, std::move(entry));
}

Status LeaseKeeper::release(const std::string& key) {
  Shared::Lock lock(shared_->mutex);
  const auto found = shared_->held.find(key);
  if (found == shared_->held.end()) {
    return fail(ErrorKind::lease_lost, fmt::format("lease {}: this process does not hold it", key));
  }
  const std::shared_ptr<Entry> entry = found->second;
  HeldLease& lease = entry->lease;
  if (lease.releasing()) return fail(ErrorKind::conflict, fmt::format("lease {}: it is being released already", key));
  lease.ask_release(shared_->clock.now());
  while (lease.state() == State::held) {
    const Instant now = shared_->clock.now();
    if (lease.busy()) {
      shared_->wait(lock, Instant::max());
    } else if (now >= lease.release_deadline()) {
      lease.give_up(now, lease.failing() ? lease.reason() : "its time ran out");
    } else if (const Step step = lease.next(now); step != Step::none) {
      shared_->perform(lock, *entry, step, now);
    } else {
      shared_->wait(lock, std::min(lease.next_at(), lease.release_deadline()));
    }
  }
  shared_->held.erase(key);
  shared_->bell.ring();
  if (lease.state() == State::released) return {};
  if (lease.state() == State::lost) return {};  // another's: gone as well
  return fail(ErrorKind::retry, fmt::format("lease {}: not released, it expires for the others after {}: {}", key,
                                            to_text(lease.record().lease_duration), lease.reason()));
}

Instant LeaseKeeper::Hold::trusted_until() const {
  const std::scoped_lock lock(shared_->mutex);
  return entry_->lease.trusted_until();
}

Status LeaseKeeper::Hold::renew_now() {
  Shared::Lock lock(shared_->mutex);
  HeldLease& lease = entry_->lease;
  const std::uint64_t wanted = lease.renewals_sent() + 1;
  lease.ask_renewal(shared_->clock.now());
  shared_->bell.ring();
  while (lease.renewal_proven() < wanted) {
    const auto failed = [&](ErrorKind kind, std::string_view why) {
      return fail(kind, fmt::format("lease {}: {}", lease.key(), why));
    };
    if (lease.state() == State::lost) return failed(ErrorKind::lease_lost, "lost, " + lease.reason());
    if (lease.state() == State::released || lease.releasing()) return failed(ErrorKind::lease_lost, "it is released");
    if (lease.over(shared_->clock.now())) return failed(ErrorKind::retry, "its time ran out before it was renewed");
    if (shared_->stopping) return failed(ErrorKind::retry, "this process is stopping");
    shared_->wait(lock, lease.busy() ? Instant::max() : lease.trusted_until());
  }
  return {};
}

}  // namespace baton

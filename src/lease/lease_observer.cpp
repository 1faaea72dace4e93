#include "lease/lease_observer.h"

#include <algorithm>

namespace baton {
namespace {

// A record may say anything: far beyond every clock, but no overflow.
constexpr Duration longest(100LL * 366 * 86'400'000);

Instant first_instant_after(Instant from, Duration duration) {
  return from + std::clamp(duration, Duration::zero(), longest) + Instant::duration(1);
}

}  // namespace

void LeaseObserver::observe(const LeaseRecord& record, Instant answered_at) {
  if (record.released) return forget(record.key);
  const auto known = seen_.find(record.key);
  if (known != seen_.end() && known->second.version == record.version) {
    known->second.last_seen = std::max(known->second.last_seen, answered_at);
    return;
  }
  if (known == seen_.end() && seen_.size() >= most_keys_ && !make_room(answered_at)) return;
  seen_[record.key] =
      Sight{record.version, answered_at, answered_at, first_instant_after(answered_at, record.lease_duration)};
}

bool LeaseObserver::expired(const LeaseRecord& record, Instant now) const {
  const auto known = seen_.find(record.key);
  return known != seen_.end() && known->second.version == record.version && now >= known->second.expired_from;
}

std::optional<Instant> LeaseObserver::decide_at(const std::string& key) const {
  const auto known = seen_.find(key);
  if (known == seen_.end()) return std::nullopt;
  return known->second.expired_from;
}

void LeaseObserver::forget(const std::string& key) {
  if (seen_.erase(key) > 0) nothing_stale_before_ = Instant::min();
}

// Drops what no read has shown for as long as it took to expire. A full look is repeated only when it can find more.
bool LeaseObserver::make_room(Instant now) {
  if (now < nothing_stale_before_) return false;
  Instant next = Instant::max();
  std::erase_if(seen_, [&](const auto& one) {
    const Sight& sight = one.second;
    const Instant stale_from = sight.last_seen + (sight.expired_from - sight.first_seen);
    if (now >= stale_from) return true;
    next = std::min(next, stale_from);
    return false;
  });
  nothing_stale_before_ = next;
  return seen_.size() < most_keys_;
}

}  // namespace baton

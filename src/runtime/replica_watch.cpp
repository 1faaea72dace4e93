#include "runtime/replica_watch.h"

#include <utility>

namespace baton {

ReplicaPulse ReplicaWatch::pulse() const {
  const std::scoped_lock lock(mutex_);
  return pulse_;
}

std::shared_ptr<const ReplicaView> ReplicaWatch::view() const {
  if (const std::unique_lock looking(looking_, std::try_to_lock); looking && look_) {
    auto fresh = std::make_shared<const ReplicaView>(look_());
    const std::scoped_lock lock(mutex_);
    seen_ = std::move(fresh);
  }
  const std::scoped_lock lock(mutex_);
  return seen_;
}

void ReplicaWatch::attach(std::function<ReplicaView()> look) {
  const std::scoped_lock looking(looking_);
  look_ = std::move(look);
}

void ReplicaWatch::detach() {
  const std::scoped_lock looking(looking_);
  look_ = nullptr;
}

void ReplicaWatch::ticked(const ReplicaPulse& pulse) {
  const std::scoped_lock lock(mutex_);
  pulse_ = pulse;
}

bool loops_tick(const ReplicaPulse& pulse, Duration live_within, Instant now) {
  if (pulse.hung_since && now >= *pulse.hung_since + live_within + longest_lookup) return false;
  return now < pulse.at + live_within;
}

}  // namespace baton

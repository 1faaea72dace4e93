#include "replica/live_replicas.h"

#include <algorithm>

namespace baton {
namespace {

constexpr Duration longest_heartbeat(24LL * 3'600'000);

// A row may say anything.
Duration patience(const ReplicaRow& row) { return 3 * std::clamp(row.heartbeat, Duration(1), longest_heartbeat); }

}  // namespace

void LiveReplicas::observe(const std::vector<ReplicaRow>& rows, WallTime repository_now, Instant now) {
  std::map<std::string, Sight> seen;
  for (const ReplicaRow& row : rows) {
    if (row.id == own_id_) continue;
    const auto known = sights_.find(row.id);
    Instant live_until = Instant::min();
    if (known == sights_.end()) {
      const auto age = std::max<std::chrono::microseconds>(repository_now - row.beat, Duration(0));
      if (age < patience(row)) live_until = now + (patience(row) - age);
    } else {
      live_until = known->second.row.counter == row.counter ? known->second.live_until : now + patience(row);
    }
    seen.emplace(row.id, Sight{row, live_until});
  }
  sights_ = std::move(seen);
}

void LiveReplicas::presume_dead(const std::string& id) {
  const auto known = sights_.find(id);
  if (known != sights_.end()) known->second.live_until = Instant::min();
}

bool LiveReplicas::live(const std::string& id, Instant now) const {
  if (id == own_id_) return true;
  const auto known = sights_.find(id);
  return known != sights_.end() && now < known->second.live_until && !known->second.row.leaving;
}

std::vector<const ReplicaRow*> LiveReplicas::others(Instant now) const {
  std::vector<const ReplicaRow*> live;
  for (const auto& [id, sight] : sights_) {
    if (now < sight.live_until && !sight.row.leaving) live.push_back(&sight.row);
  }
  return live;
}

}  // namespace baton

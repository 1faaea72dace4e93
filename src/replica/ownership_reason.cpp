#include "replica/ownership_reason.h"

#include "base/duration.h"
#include "replica/time_words.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {

bool looks_live(const ReplicaRow& row, WallTime now) {
  return !row.leaving && now - row.beat < 3 * std::max(row.heartbeat, Duration(1));
}

namespace {

using Kind = OwnershipReason::Kind;

// A lease without an owner that lives: the record says released, or there is none, or its owner has been silent for as
// long as it lasts.
OwnershipReason free_reason(const OwnershipFacts& facts) {
  if (facts.control != nullptr && facts.control->paused(facts.now)) {
    const Pause& pause = *facts.control->pause;
    return {Kind::paused_free, "", fmt::format("paused by {} and free", pause.by)};
  }
  std::int64_t replicas = 0;
  std::int64_t others = 0;
  std::int64_t tokens = 0;
  for (const ReplicaRow& row : facts.replicas) {
    if (!looks_live(row, facts.now)) continue;
    if (!facts.config_hash.empty() && row.config_hash != facts.config_hash) {
      ++others;
      continue;
    }
    ++replicas;
    tokens += row.tokens;
  }
  if (replicas == 0 && others > 0) {
    return {Kind::other_configuration, "", "the live replicas have another configuration"};
  }
  if (replicas == 0) return {Kind::no_live_replica, "", "no live replica"};
  const std::int64_t jobs = facts.jobs - facts.foreign;
  if (tokens < jobs) {
    return {Kind::no_capacity, "",
            fmt::format("no capacity ({} jobs, {} live token{})", jobs, tokens, tokens == 1 ? "" : "s")};
  }
  if (facts.lease && !facts.lease->released) {
    return {Kind::not_tried, "",
            fmt::format("its owner is silent: a replica takes it when it has watched the lease for {}",
                        to_text(facts.lease->lease_duration))};
  }
  return {Kind::not_tried, "",
          "free: not taken yet, or left alone for a while after an error (see the replicas' logs)"};
}

}  // namespace

OwnershipReason ownership_reason(const OwnershipFacts& facts) {
  if (!facts.lease || facts.lease->released) return free_reason(facts);
  const std::string& owner = facts.lease->owner_name;
  const auto row = std::find_if(facts.replicas.begin(), facts.replicas.end(),
                                [&](const ReplicaRow& one) { return one.id == owner; });
  if (row == facts.replicas.end()) {
    return {Kind::foreign_owner, owner,
            fmt::format("held by {}, which is no replica (run --once, or another program)", owner)};
  }
  if (looks_live(*row, facts.now)) return {Kind::owned, owner, fmt::format("owned by {}", owner)};
  // It renews at every heartbeat, and its last beat was at most one of them before the last renewal.
  const WallTime until = row->beat + row->heartbeat + facts.lease->lease_duration;
  if (facts.now >= until) return free_reason(facts);
  if (row->leaving) return {Kind::owned, owner, fmt::format("owned by {}, which shuts down", owner)};
  return {Kind::silent_owner, owner,
          fmt::format("held by a silent owner until about {}", time_in_words(until, facts.now))};
}

}  // namespace baton

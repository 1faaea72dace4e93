// The right to commit for one job in one database: what every transaction checks first (the fence) and last (the
// deadline guard) (P12, P15).
#pragma once

#include "base/clock.h"
#include "lease/lease_hold.h"

#include <cstdint>
#include <map>
#include <string>

namespace baton {

struct Fence {
  std::string repository_id;
  std::string job;
  std::int64_t value = 0;
};

// Asked when COMMIT is about to be sent, so that renewals during the transaction count.
struct Guard {
  LeaseHold* lease = nullptr;
  const Clock* clock = nullptr;

  Duration trust_left() const { return std::chrono::duration_cast<Duration>(lease->trusted_until() - clock->now()); }
  bool passed() const { return clock->now() < lease->trusted_until(); }
};

struct Authority {
  Fence fence;
  Guard guard;
};

// What an owner holds: one fence in each database that its job writes to, by the database's identity.
struct Ownership {
  std::string repository_id;
  std::string job;
  std::string replica;
  std::map<std::string, std::int64_t> fences;
  Guard guard;

  // REQUIRES: `database` was fenced by become_owner; run_owned checks that first (`lease_lost`).
  Authority in(const std::string& database) const { return {{repository_id, job, fences.at(database)}, guard}; }
};

}  // namespace baton

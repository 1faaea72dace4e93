// A lock client that takes locks only to see whether somebody holds them: with a lease of its own, without heartbeats,
// and gives back at once what it gets. No fence is raised.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "lease/lease_observer.h"
#include "lease/lease_store.h"

#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace baton {

// Used by one thread. It takes what any lock client may take (P2, P5): what is absent or released, and what it has
// watched itself for longer than its lease lasts. So an owner that renews is never touched, and who wants a lock that
// the probe has waits for its lease at most.
class LockProbe {
 public:
  // What is taken before it is given back: so few that none is kept for long, so many that a thousand free locks are a
  // few dozen calls.
  static constexpr std::size_t batch = 64;

  // `lease` is shorter than an owner's; `owner_name` is unique per process start and a probe's (lease/probe_name.h).
  LockProbe(LeaseStore& store, Clock& clock, Random& random, Duration lease, std::string owner_name)
      : store_(store), clock_(clock), random_(random), lease_(lease), owner_name_(std::move(owner_name)) {}

  // Tries the keys, a batch at a time, and returns those that nobody held, or another probe: that one holds it for
  // nobody. An error of the store ends it; what it had is given back first, or runs out.
  Result<std::set<std::string>> idle(const std::vector<std::string>& keys, const std::stop_token& stop);

 private:
  struct Round;

  void sort(Round& round, const std::vector<std::string>& keys);
  Status try_batch(Round& round, std::span<const LeaseTake> takes);
  Status look_again(Round& round);
  void give_back(const std::vector<LeaseRelease>& mine);

  LeaseStore& store_;
  Clock& clock_;
  Random& random_;
  const Duration lease_;
  const std::string owner_name_;
  LeaseObserver observer_;
};

}  // namespace baton

// Threads that take locks at random, work under them for a while as the witness hears, and let go of them: what
// Contention.java does with AWS's lock client, with Baton's keeper of leases.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "lease/lease_timings.h"
#include "runtime/lease_keeper.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace baton {

struct LockContentionPlan {
  std::vector<std::string> keys;
  std::string name;  // of this process, in the names of its holds
  int witness_port = 0;
  int threads = 0;
  std::uint64_t long_of_ten = 0;  // so many holds in ten last for longer than the lease
};

class LockContention {
 public:
  // Keeper, clock and random outlive it.
  LockContention(LeaseKeeper& keeper, Clock& clock, Random& random, LeaseTimings timings, LockContentionPlan plan);

  // Ends the threads: how often one held a lock.
  std::uint64_t end();

 private:
  class Witness;

  void contend(std::stop_token stop);
  void hold(const std::string& key, const LeaseHold& lease, Witness& witness);

  LeaseKeeper& keeper_;
  Clock& clock_;
  Random& random_;
  const LeaseTimings timings_;
  const LockContentionPlan plan_;
  std::atomic<std::uint64_t> holds_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace baton

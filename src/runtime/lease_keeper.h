// Keeps the leases of this process: one thread renews all of them, one batch per heartbeat, before anything else.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "baton/result.h"
#include "lease/lease_hold.h"
#include "lease/lease_store.h"
#include "lease/lease_timings.h"

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace baton {

// Thread-safe. Store, clock, random and log are called from several threads and outlive the keeper; calls of take(),
// release() and renew_now() end before the keeper does. A LeaseHold may outlive it: it is then no longer renewed.
class LeaseKeeper {
 public:
  using Log = std::function<void(std::string)>;

  // `owner_name` is unique per process start; `timings` are checked.
  LeaseKeeper(LeaseStore& store, Clock& clock, Random& random, LeaseTimings timings, std::string owner_name, Log log);
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;
  // Stops renewing; releases nothing.
  ~LeaseKeeper();

  const std::string& owner_name() const;

  // Takes `key`, waiting for another owner's lease to be released or to expire (P2, P5) for as long as `wait`; absent:
  // twice the duration in the record + 5 s. A wait of zero looks once. `retry` names the holder when the time is used
  // up, or says that `stop` was requested; `conflict` if this process holds or is taking that key already; `invalid`
  // as the store says. Runs on the caller's thread.
  Result<std::shared_ptr<LeaseHold>> take(const std::string& key, std::optional<Duration> wait, std::stop_token stop);

  // Releases it, and stops renewing it when that is done (P7). Repeated until the trust of this moment ends; after an
  // error the lease is no longer renewed and expires for the others. `lease_lost` if this process does not hold it.
  // Runs on the caller's thread.
  Status release(const std::string& key);

 private:
  struct Shared;
  struct Entry;
  class Hold;
  class Taking;

  void run(std::stop_token stop);

  std::shared_ptr<Shared> shared_;
  std::jthread thread_;
};

}  // namespace baton

// A lease store that renews a lease only while its holder's loop ticks: one that hangs loses it, and another takes
// over.
#pragma once

#include "base/clock.h"
#include "lease/lease_store.h"

#include <map>
#include <mutex>
#include <string>

namespace baton {

// Thread-safe. Store and clock outlive it.
class TickedLeaseStore final : public LeaseStore {
 public:
  TickedLeaseStore(LeaseStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  // The holder of `key` is well, and is to be taken for that until then.
  void tick(const std::string& key, Instant until);

  Result<std::string> identity(Duration timeout) override { return store_.identity(timeout); }
  Result<std::optional<LeaseRecord>> read(const std::string& key, Duration timeout) override {
    return store_.read(key, timeout);
  }
  Result<std::vector<LeaseRecord>> list(Duration timeout) override { return store_.list(timeout); }
  Status take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen, Duration timeout) override {
    return store_.take(mine, seen, timeout);
  }
  void take_all(std::span<const LeaseTake> takes, Duration timeout,
                const std::function<void(std::size_t, const Status&)>& answered) override {
    store_.take_all(takes, timeout, answered);
  }
  // `retry` for those whose holder does not tick; nothing is sent of them.
  std::vector<Status> renew(std::span<const LeaseRenewal> renewals, Duration timeout) override;
  Status release(const std::string& key, const std::string& owner_name, const std::string& version,
                 Duration timeout) override {
    return store_.release(key, owner_name, version, timeout);
  }
  void release_all(std::span<const LeaseRelease> releases, Duration timeout,
                   const std::function<void(std::size_t, const Status&)>& answered) override {
    store_.release_all(releases, timeout, answered);
  }

 private:
  bool ticks(const std::string& key);

  LeaseStore& store_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Instant> until_;  // by key
};

}  // namespace baton

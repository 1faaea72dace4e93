// Leases in memory: for tests and for the simulation, where all replicas share one object.
#pragma once

#include "base/random.h"
#include "lease/lease_store.h"

#include <map>
#include <mutex>

namespace baton {

// Never blocks, never fails but for `conflict`.
class MemoryLeaseStore final : public LeaseStore {
 public:
  explicit MemoryLeaseStore(Random& random) : identity_(uuid(random)) {}

  Result<std::string> identity(Duration timeout) override;
  Result<std::optional<LeaseRecord>> read(const std::string& key, Duration timeout) override;
  Result<std::vector<LeaseRecord>> list(Duration timeout) override;
  Status take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen, Duration timeout) override;
  std::vector<Status> renew(std::span<const LeaseRenewal> renewals, Duration timeout) override;
  Status release(const std::string& key, const std::string& owner_name, const std::string& version,
                 Duration timeout) override;

 private:
  const std::string identity_;
  std::mutex mutex_;
  std::map<std::string, LeaseRecord> records_;
};

}  // namespace baton

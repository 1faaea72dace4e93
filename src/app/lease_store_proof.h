// The proof that the replicas of a repository exclude each other: they share one lease store (P8).
#pragma once

#include "app/late_lease_store.h"
#include "batch/repository_record.h"

#include <optional>
#include <string>

namespace baton {

// Used by one thread at a time. What is given outlives it.
class LeaseStoreProof {
 public:
  LeaseStoreProof(LateLeaseStore& leases, Duration timeout) : leases_(leases), timeout_(timeout) {}

  // True: the lease store is the one that the repository knows, or is now. False: it does not say which it is, and
  // until it has, no lease can be found or taken. Errors are the repository's, `invalid` where it knows another lease
  // store; and of the lease store, before it was known, what trying again cannot mend.
  Result<bool> give(RepositoryRecord& record);

 private:
  LateLeaseStore& leases_;
  const Duration timeout_;
  std::optional<std::string> known_;  // what it said last
};

}  // namespace baton

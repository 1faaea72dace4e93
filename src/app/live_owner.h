// Which replica owns a job now, as far as can be seen from outside.
#pragma once

#include "base/clock.h"
#include "batch/replicas.h"
#include "lease/lease_store.h"

#include <optional>
#include <string>

namespace baton {

// Used by one thread at a time. What is given outlives it.
class LiveOwners {
 public:
  LiveOwners(Replicas& replicas, LeaseStore& leases, Duration timeout)
      : replicas_(replicas), leases_(leases), timeout_(timeout) {}

  // The replica that holds the job's lease and looks live; empty where there is none.
  Result<std::optional<std::string>> of(const std::string& job);

 private:
  Replicas& replicas_;
  LeaseStore& leases_;
  Duration timeout_;
};

}  // namespace baton

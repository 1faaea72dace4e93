// Which replica owns a job now, as far as can be seen from outside.
#pragma once

#include "app/stores.h"
#include "base/clock.h"
#include "lease/lease_store.h"
#include "sqlite/connection.h"

#include <optional>
#include <string>

namespace baton {

// Used by one thread at a time. What is given outlives it.
class LiveOwners {
 public:
  LiveOwners(SqliteConnection& repository, LeaseStore& leases, const Clock& clock, Duration timeout)
      : repository_(repository), leases_(leases), clock_(clock), timeout_(timeout) {}

  // The replica that holds the job's lease and looks live; empty where there is none.
  Result<std::optional<std::string>> of(const std::string& job);

 private:
  SqliteConnection& repository_;
  LeaseStore& leases_;
  const Clock& clock_;
  Duration timeout_;
};

}  // namespace baton

// Whether the configuration means the lease store that the repository's replicas use (P8).
#pragma once

#include "app/stores.h"

namespace baton {

// `invalid`, with both, where locks.* names another lease store than the one that the repository has recorded. Makes
// no file, and says nothing where either store is away: whoever needs it will.
Status check_lease_store(const Config& config, const Stores& stores);

// The same with both as they are open already; null: not there.
Status check_lease_store(const Config& config, const Stores& stores, Repository& repository, LeaseStore* leases);

}  // namespace baton

// Leases in a PostgreSQL table: single statements that commit by themselves (P1–P5).
#pragma once

#include "base/random.h"
#include "lease/lease_store.h"
#include "postgres/settings.h"

#include <memory>
#include <string>

namespace baton {

// Connects at once; makes schema and table where they are missing and `create` allows it. It has connections of its
// own: renewals wait for nothing else. `invalid`: the table is missing and may not be made, no privilege; `retry`: no
// server.
Result<std::unique_ptr<LeaseStore>> open_pg_lease_store(const PgSettings& settings, bool create, Random& random,
                                                        Duration timeout);

// The same where there is one, over as few connections; null where there is none.
Result<std::unique_ptr<LeaseStore>> find_pg_lease_store(const PgSettings& settings, bool create, Random& random,
                                                        Duration timeout);

}  // namespace baton

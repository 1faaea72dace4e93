// Whether the configuration means the lease store that the repository has recorded (P8), found out without opening
// either for writing.
#pragma once

#include "app/stores.h"

namespace baton {

// As check_lease_store; no error where either store cannot be looked at, or is not there yet.
Status look_at_lease_store(const Config& config, const Stores& stores);

}  // namespace baton

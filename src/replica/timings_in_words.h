// What the three durations of the lease protocol mean for the one who runs it (P3, P6); printed at start-up.
#pragma once

#include "lease/lease_timings.h"

#include <string>
#include <vector>

namespace baton {

// One sentence each. REQUIRES: `timings` are checked.
std::vector<std::string> timings_in_words(const LeaseTimings& timings);

}  // namespace baton

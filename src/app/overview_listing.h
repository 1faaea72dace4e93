// An overview for programs.
#pragma once

#include "app/explain.h"
#include "app/listing.h"
#include "monitor/overview.h"

namespace baton {

// One row a job.
Listing overview_listing(const Overview& overview);

// One row: that of the job, with the sentence and its evidence.
Listing explanation_listing(const Overview& overview, const JobOverview& job, const Explanation& explanation);

}  // namespace baton

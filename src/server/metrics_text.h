// Metrics in Prometheus' text format, version 0.0.4. docs/monitoring.md lists them.
//
// Where Spring Batch has a meter, name and labels are those that Micrometer gives it in Spring Batch 5 and 6 under
// Spring Boot 3.3 and later. `spring_batch_job_active_seconds` has the labels of both.
#pragma once

#include "server/observed.h"

#include <string>

namespace baton {

std::string metrics_text(const MetricsSnapshot& snapshot);

}  // namespace baton

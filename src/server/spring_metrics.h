// The meters of Spring Batch that Baton has too, with the names and labels that Micrometer gives them in Spring Batch 5
// and 6 under Spring Boot 3.3 and later (Spring Batch's reference, "Monitoring and metrics"; Micrometer's naming for
// Prometheus).
#pragma once

#include "server/metric_families.h"

namespace baton {

void add_spring_metrics(MetricFamilies& families, const MetricsSnapshot& snapshot);

}  // namespace baton

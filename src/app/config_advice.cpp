#include "app/config_advice.h"

#include <fmt/format.h>

namespace baton {

std::vector<std::string> advice_on(const Config& config) {
  std::vector<std::string> advice;
  if (!config.alerts.sinks.empty() && config.monitoring.monitors.empty()) {
    advice.push_back(fmt::format(
        "{}: `alerts.sinks`: without a monitor each replica tells of the jobs that it owns and of stores that are "
        "away, "
        "and nobody of jobs that no replica owns, nor of dead replicas and missing tokens; add one, such as "
        "`monitoring: {{ global: {{ monitoring-1: {{ every: 1m }} }} }}`",
        config.file));
  }
  return advice;
}

}  // namespace baton

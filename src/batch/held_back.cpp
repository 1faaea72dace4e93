#include "batch/held_back.h"

#include "batch/restart_rules.h"

#include <fmt/format.h>

namespace baton {

std::optional<std::string> why_held_back(const std::string& job, const InstanceState& unfinished) {
  if (!is_unfinished(unfinished) || orphans_without_progress(unfinished) < max_orphans_without_progress) return {};
  return fmt::format(
      "\"{0}\": the last {1} executions of run {2} died without committing anything, so the work itself may end its "
      "process. Look at the log, then: baton restart {0}, or baton abandon {0}",
      job, max_orphans_without_progress, unfinished.run_id);
}

}  // namespace baton

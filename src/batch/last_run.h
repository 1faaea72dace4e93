// What the newest run of a job means for its next start (P10).
#pragma once

#include "batch/execution.h"

#include <optional>

namespace baton {

struct LastRun {
  std::int64_t instance = 0;
  std::int64_t execution = 0;  // the newest
  BatchStatus status = BatchStatus::starting;
  EndedBy ended_by = EndedBy::itself;
  bool unfinished = false;
  std::optional<WallTime> ended;
  // Executions that failed by themselves, in a row, since the schedule or a request last started the run.
  int failures = 0;
  int orphans_without_progress = 0;
  // Of a run that is not COMPLETED: the end of the newest execution of the job that was, where somebody looked for it.
  // `never_completed`: there is none.
  std::optional<WallTime> completed_before = {};
  bool never_completed = false;
};

LastRun last_run_of(const InstanceState& instance);

}  // namespace baton

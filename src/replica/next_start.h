// What of a job starts next, when and why, or why nothing does (P10, P17, P18, P23).
#pragma once

#include "batch/job_control.h"
#include "batch/last_run.h"
#include "batch/owned_job.h"
#include "replica/replica_settings.h"

#include <optional>
#include <string>

namespace baton {

struct StartFacts {
  const ReplicaJob& job;
  const JobControl& control;
  const std::optional<LastRun>& last;  // empty: it never ran
  WallTime now{};                      // by the repository's clock
};

struct NextStart {
  std::optional<WallTime> at;             // now, if it is past; absent: nothing starts by itself
  RunOrder order;                         // of that start, as of now: decide again when the time has come
  std::optional<WallTime> look_again_at;  // the answer changes by itself then (a pause ends)
  std::string why_not;                    // where `at` is absent
  bool stuck = false;                     // and a person should look at it
};

// In this order:
//   a request is pending (and the job not paused, or it wants to run even so): now
//   paused: nothing
//   an unfinished run: held back after too many orphans without progress; carried on now if it was left by a shutdown
//     or by the end of its process; restarted with a back-off as on_failure says, unless a person stopped it; else at
//     the next due time
//   a finished run, or none: at the next due time
NextStart next_start(const StartFacts& facts);

// "runs now", "next run at 12:00:05Z", or why not.
std::string in_words(const NextStart& next, WallTime now);

}  // namespace baton

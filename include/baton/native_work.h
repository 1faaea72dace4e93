// The work of a step written in C++.
#pragma once

#include "baton/job_run.h"
#include "baton/result.h"
#include "baton/step_counts.h"

#include <functional>
#include <optional>
#include <string>

namespace baton {

// How a step ended that did not fail.
enum class StepEnd {
  completed,
  stopped,  // at a chunk's border; what is committed stays, the next execution goes on there
};

// What the work sees, while it runs and no longer.
struct NativeContext : JobRun {
  std::string idempotency_key;  // job/instance/step/0: the same in every execution of the run
  StepCounts& counts;           // shown in `baton history`; the work adds what it counts

  // What the work saved last in this run, by this execution or an earlier one; absent where it saved nothing, or was
  // given other options since.
  std::optional<std::string> saved{};
  // Saves how far the work has come, for the next execution of the run: any UTF-8 text of at most 64 KiB. It is
  // committed in the repository's database under the job's fence, together with the counts; a wish to stop is noticed.
  // On the job's own thread only. `lease_lost`, with nothing saved, where another replica owns the job: return then.
  // `invalid` for another text. Never empty.
  std::function<Status(const std::string& text)> save{};
};

// Runs on the job's own thread. Its side effects happen at least once: after the end of the process, or a lost lease,
// another execution of the same run calls it again, with the same key and with what it saved. `stopped` only after a
// stop was requested: the next execution calls it again; unasked it is an error. An error is the step's failure, with
// its message; nothing but the job's `on_failure` repeats it. An exception counts as an error.
using NativeWork = std::function<Result<StepEnd>(NativeContext& context)>;

}  // namespace baton

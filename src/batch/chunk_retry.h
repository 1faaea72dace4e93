// Repeats of one chunk after an error of kind `retry`, and what became of a commit whose answer was lost.
#pragma once

#include "batch/step.h"

#include <functional>

namespace baton {

// Calls `attempt` until it does not return `retry`, at most 1 + `limit` times, with a pause that doubles from 100 ms
// and ends at 5 s. A stop request ends the repeats. Every failed attempt was rolled back and is counted so. An attempt
// whose session was ended by somebody else is made again once the lease has been renewed, and that is no repeat (P9):
// `lease_lost` where it could not be.
Status with_retry(StepContext& context, int limit, const std::function<Status()>& attempt);

// After a commit of unknown outcome: whether the step's progress is at `revision`, written by this step execution. Asks
// as long as the lease is trusted. REQUIRES: the transaction is gone, since it would see its own changes.
Result<bool> was_committed(StepContext& context, Database& target, std::int64_t revision);

// The error of such a commit once it is known that nothing was done: `retry`.
Error not_done(Error unknown_outcome);

}  // namespace baton

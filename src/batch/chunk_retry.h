// Repeats of one chunk after an error of kind `retry`.
#pragma once

#include "batch/step.h"

#include <functional>

namespace baton {

// Calls `attempt` until it does not return `retry`, at most 1 + `limit` times, with a pause that doubles from 100 ms
// and ends at 5 s. A stop request ends the repeats. Every failed attempt was rolled back and is counted so.
Status with_retry(StepContext& context, int limit, const std::function<Status()>& attempt);

}  // namespace baton

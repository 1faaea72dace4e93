// How long it may take from one start of a job to the next.
#pragma once

#include "schedule/schedule.h"

namespace baton {

// The longest of the pauses between the due times of the coming eight days (of the next two times, where they are
// rarer, and of the next thousand, where there are more), with the jitter. Of a fixed delay the delay: how long a run
// takes is not known. Zero for a manual schedule.
Duration longest_pause(const Schedule& schedule, WallTime now);

}  // namespace baton

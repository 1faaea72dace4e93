// Stores that count every call, so that their process can end, stop or wait at the one that a test names; and stores
// with a bug planted, to see that the tests find it.
#pragma once

#include "app/stores.h"
#include "tests/doubles/store_calls.h"

namespace baton {

// Faults that the checks must find.
enum class PlantedBug {
  none,
  progress_apart,     // progress is committed in a transaction of its own, after the rows'
  orphans_left_open,  // executions of dead processes are not closed
};

// `calls` outlives the stores.
StoreHooks counting_stores(StoreCalls& calls, PlantedBug bug);

}  // namespace baton

// Parts written in C++ for the kill tests: what they did stands in files, so that it can be compared.
#pragma once

#include "app/native_parts.h"

namespace baton {

// reader "numbers" (option `to`): rows of id and run, the run's parameter run.id; it goes on by the key of a position.
// processor "double": adds a column; each 97th id is refused.
// writer "outbox": a file for each idempotency key; another content under a known key is an error.
// step "tally" (option `to`): a line with number and idempotency key for each number; saves each 50th.
// Both write below the run's parameter `out`.
NativeParts kill_natives();

}  // namespace baton

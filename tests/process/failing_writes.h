// Kills the process at a chosen one of SQLite's writes, with SQLite's own seam for tests of system calls.
#pragma once

#include <cstdint>

namespace baton {

// Point 3n - 2 is before write n, 3n - 1 after half of its bytes, 3n after it; 0 kills nowhere. A removed or shortened
// file counts as a write. To be called once, before anything is opened.
void kill_at_write(std::uint64_t point);

// Writes so far.
std::uint64_t writes_counted();

}  // namespace baton

// Which process holds up a SQLite file's writers (P9), from /proc/locks: opening the file ourselves would drop locks.
#pragma once

#include <optional>
#include <string>

namespace baton {

// The id of the process that holds the write lock of `path` (WAL or rollback journal); absent where nobody does or the
// system does not tell.
std::optional<int> sqlite_write_lock_holder(const std::string& path);

}  // namespace baton

// What a SQLite file and its disk are like, for `baton doctor`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace baton {

struct SqliteFileFacts {
  bool exists = false;
  bool is_folder = false;
  bool folder_exists = false;
  bool folder_writable = false;  // SQLite makes files beside it
  bool writable = false;
  std::string unreadable;  // why it cannot be opened as a database; empty: it can, or is not there
  std::string journal;     // "wal", "rollback"; empty: no database yet
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t> free_bytes;  // of its disk
  std::string network;                      // the network file system that it is on; empty: none that is known
};

// Makes no file.
SqliteFileFacts read_sqlite_file(const std::string& path);

}  // namespace baton

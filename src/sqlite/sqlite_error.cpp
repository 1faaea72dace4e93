#include "sqlite/sqlite_error.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <cerrno>
#include <cstring>

namespace baton {

bool is_constraint(int code) {
  return (code & 0xFF) == SQLITE_CONSTRAINT || (code & 0xFF) == SQLITE_MISMATCH || (code & 0xFF) == SQLITE_TOOBIG;
}

namespace {

// errno of the last call that failed on the database's file or its journal; 0 where there is none.
int system_error(sqlite3* db) {
  for (const int which : {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER}) {
    sqlite3_file* file = nullptr;
    int cause = 0;
    if (sqlite3_file_control(db, "main", which, &file) != SQLITE_OK || file == nullptr || file->pMethods == nullptr)
      continue;
    if (file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &cause) == SQLITE_OK && cause != 0) return cause;
  }
  return 0;
}

}  // namespace

Error sqlite_error(int code, sqlite3* db, const std::string& where) {
  const std::string said = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  const auto error = [&](ErrorKind kind, const std::string& next_step) {
    return Error{kind, fmt::format("{}: {}{}", where, said, next_step.empty() ? "" : "; " + next_step)};
  };
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return error(ErrorKind::retry, "another connection holds it");
    case SQLITE_INTERRUPT: return error(ErrorKind::retry, "");
    case SQLITE_PROTOCOL: return error(ErrorKind::retry, "");
    case SQLITE_IOERR: {
      const int cause = db != nullptr ? system_error(db) : 0;
      const std::string why = cause != 0 ? std::strerror(cause) : "see the system's log";
      return error(ErrorKind::retry, "the disk says: " + why);
    }
    case SQLITE_FULL: return error(ErrorKind::invalid, "free space on that disk and run again");
    case SQLITE_READONLY: return error(ErrorKind::invalid, "make the file and its folder writable for this user");
    case SQLITE_PERM:
    case SQLITE_AUTH: return error(ErrorKind::invalid, "give this user access to the file");
    case SQLITE_CANTOPEN: {
      const int cause = db != nullptr ? sqlite3_system_errno(db) : 0;
      // Others close theirs.
      if (cause == EMFILE || cause == ENFILE) {
        return error(ErrorKind::retry, "too many files are open: raise the limit (ulimit -n), or lower replica.tokens");
      }
      return error(ErrorKind::invalid, "check that the folder exists and this user may write to it");
    }
    case SQLITE_NOTADB: return error(ErrorKind::invalid, "the file is no SQLite database: name another one");
    case SQLITE_CORRUPT: return error(ErrorKind::invalid, "restore the file from a backup");
    case SQLITE_NOMEM:
    case SQLITE_MISUSE: return error(ErrorKind::internal, "");
    default: return error(ErrorKind::invalid, "");
  }
}

}  // namespace baton

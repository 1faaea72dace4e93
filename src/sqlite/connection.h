// A connection to one SQLite file, and its statements: RAII over the C API, errors as values.
#pragma once

#include "base/clock.h"
#include "baton/result.h"
#include "sqlite/write_turn.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace baton {

// One prepared statement. Binding and stepping follow sqlite3's numbering: parameters from 1, columns from 0.
class SqliteStatement {
 public:
  SqliteStatement(sqlite3* db, sqlite3_stmt* statement, std::string where) noexcept;
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;
  ~SqliteStatement();

  // Values are copied. An empty optional is NULL.
  SqliteStatement& bind(int index, std::int64_t value);
  SqliteStatement& bind(int index, std::string_view value);
  SqliteStatement& bind(int index, const std::optional<std::string>& value);
  SqliteStatement& bind_null(int index);
  SqliteStatement& bind_blob(int index, const std::optional<std::string>& bytes);

  // True if there is a row, false at the end (the statement is then reset).
  Result<bool> step();
  // Runs a statement that returns no rows, and resets it.
  Status run();
  // Makes it ready to be bound and run again.
  void reset();

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::string text(int column) const;
  std::optional<std::string> optional_text(int column) const;

  sqlite3_stmt* handle() { return statement_; }

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_;
  std::string where_;
};

enum class SqliteAccess {
  create,
  read_write,
  read_only,  // SQLite may make its -wal and -shm beside the file, and leaves them there
  untouched,  // for a look: read-only, and no file is made; where somebody changes the file meanwhile the look may fail
};

// Used by one thread at a time, but for interrupt().
class SqliteConnection {
 public:
  // Opens `path`; with `create` a missing or empty file is made a database in WAL mode (its folder must be there), by
  // any number of processes at once. Otherwise a missing file is `invalid`; so is one that may not be written, but for
  // `read_only` and `untouched`, and one that is no database. A lock that another connection holds is waited for as
  // long as `busy_timeout`, here and later.
  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path, SqliteAccess access,
                                                        Duration busy_timeout = Duration(5'000));

  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;
  ~SqliteConnection();

  // Runs one or more statements that return nothing.
  Status execute(const std::string& sql);

  // A statement that stays prepared for the connection's life; reset when it is handed out. The reference is valid as
  // long as the connection.
  Result<SqliteStatement*> prepare(const std::string& sql);

  Result<bool> has_table(std::string_view name);

  // Rows changed by the last statement.
  std::int64_t changes() const;
  bool in_transaction() const;
  // True if the open file is no longer the one at path(): it was deleted or moved, and others see another one.
  bool file_has_moved() const;

  // From now on commit() also flushes the write-ahead log, after the turn: the writers of this process do not wait for
  // the disk one after the other. REQUIRES: WAL mode, synchronous = NORMAL.
  void flush_log_at_commit(bool wanted) { flush_log_ = wanted; }

  // BEGIN IMMEDIATE, when it is this connection's turn among those of this process (see write_turn.h). `retry` names
  // the process that holds the file's write lock, where the system tells.
  Status begin();
  // `retry`: not committed, the transaction is still open. `unknown_outcome`: the disk failed in the middle, or after
  // the commit, which may not outlive a power failure then.
  Status commit();
  // Never fails: a transaction that SQLite already rolled back is fine.
  void rollback();

  // `retry` because of a lock: the same error, with the process that holds the file's write lock, where the system
  // tells.
  Error name_lock_holder(Error error) const;

  void set_busy_timeout(Duration timeout);
  // Ends what another thread runs on this connection with an error. Thread-safe.
  void interrupt();

  const std::string& path() const { return path_; }
  sqlite3* handle() { return db_; }

 private:
  SqliteConnection(sqlite3* db, std::string path) : db_(db), path_(std::move(path)) {}

  Status settle(SqliteAccess access, Duration busy_timeout);
  Status look_inside(SqliteAccess access);

  void leave_turn();
  Status flush_log();

  sqlite3* db_;
  std::string path_;
  Duration busy_timeout_{0};
  std::shared_ptr<WriteTurn> turn_;  // made at the first write
  bool has_turn_ = false;
  bool flush_log_ = false;
  std::unordered_map<std::string, std::unique_ptr<SqliteStatement>> statements_;
};

// Begins in the constructor's place (begin), rolls back in the destructor unless commit succeeded.
class SqliteTransaction {
 public:
  static Result<SqliteTransaction> begin(SqliteConnection& connection);
  // Several reads as of one moment; takes no write lock.
  static Result<SqliteTransaction> begin_reading(SqliteConnection& connection);
  SqliteTransaction(SqliteTransaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;
  ~SqliteTransaction();

  Status commit();

 private:
  explicit SqliteTransaction(SqliteConnection& connection) : connection_(&connection) {}

  SqliteConnection* connection_;
};

// "name", for names that come from outside.
std::string quote_identifier(std::string_view name);

}  // namespace baton

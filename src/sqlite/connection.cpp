#include "sqlite/connection.h"

#include "sqlite/lock_holder.h"
#include "sqlite/sqlite_error.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

namespace baton {

SqliteStatement::SqliteStatement(sqlite3* db, sqlite3_stmt* statement, std::string where) noexcept
    : db_(db), statement_(statement), where_(std::move(where)) {}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(statement_); }

SqliteStatement& SqliteStatement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_, index, value);
  return *this;
}

SqliteStatement& SqliteStatement::bind(int index, std::string_view value) {
  sqlite3_bind_text64(statement_, index, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

SqliteStatement& SqliteStatement::bind(int index, const std::optional<std::string>& value) {
  return value ? bind(index, std::string_view(*value)) : bind_null(index);
}

SqliteStatement& SqliteStatement::bind_blob(int index, const std::optional<std::string>& bytes) {
  if (!bytes) return bind_null(index);
  sqlite3_bind_blob64(statement_, index, bytes->data(), bytes->size(), SQLITE_TRANSIENT);
  return *this;
}

SqliteStatement& SqliteStatement::bind_null(int index) {
  sqlite3_bind_null(statement_, index);
  return *this;
}

Result<bool> SqliteStatement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_);
    return false;
  }
  Error error = sqlite_error(sqlite3_extended_errcode(db_), db_, where_);
  sqlite3_reset(statement_);
  return fail(std::move(error));
}

Status SqliteStatement::run() {
  BATON_TRY(const bool row, step());
  if (row) reset();
  return {};
}

void SqliteStatement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

bool SqliteStatement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::int64_t SqliteStatement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string SqliteStatement::text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<std::string> SqliteStatement::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

namespace {

// https://www.sqlite.org/uri.html. A file without a log is complete in itself.
std::string untouched_name(const std::string& path) {
  std::string name = "file:";
  for (const char c : path) name += c == '%' || c == '?' || c == '#' ? fmt::format("%{:02x}", c) : std::string(1, c);
  std::error_code unknown;
  return std::filesystem::exists(path + "-wal", unknown) ? name : name + "?immutable=1";
}

}  // namespace

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path, SqliteAccess access,
                                                                 Duration busy_timeout) {
  // SQLite takes an empty name for a private temporary database.
  if (path.empty()) return fail(ErrorKind::invalid, "a SQLite database needs the name of a file; it is empty");
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) {
    return fail(ErrorKind::invalid, fmt::format("{}: is a folder, the name of a database file is expected", path));
  }
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  switch (access) {
    case SqliteAccess::create: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE; break;
    case SqliteAccess::read_write: flags |= SQLITE_OPEN_READWRITE; break;
    case SqliteAccess::read_only: flags |= SQLITE_OPEN_READONLY; break;
    case SqliteAccess::untouched: flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI; break;
  }
  const std::string name = access == SqliteAccess::untouched ? untouched_name(path) : path;
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &db, flags, nullptr);
  if (code != SQLITE_OK) {
    Error error = sqlite_error(code, db, path);
    sqlite3_close(db);
    return fail(std::move(error));
  }
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(db, path));
  // SQLite opens a file that it may not write for reading, without a word.
  const bool writes = access == SqliteAccess::create || access == SqliteAccess::read_write;
  if (writes && sqlite3_db_readonly(db, "main") == 1) {
    return fail(sqlite_error(SQLITE_READONLY, nullptr, path));
  }
  BATON_CHECK(connection->settle(access, busy_timeout));
  return connection;
}

// Switching a new file to WAL needs it alone, and SQLite does not wait for that as it does for other locks: several
// processes that make the file at once are refused in turn. So repeat it in short attempts.
Status SqliteConnection::settle(SqliteAccess access, Duration busy_timeout) {
  constexpr Duration attempt(20);
  constexpr int pause_ms = 5;
  set_busy_timeout(attempt);
  Status done = look_inside(access);
  for (Duration waited(0); !done && done.error().kind == ErrorKind::retry && waited < busy_timeout; waited += attempt) {
    sqlite3_sleep(pause_ms);
    done = look_inside(access);
  }
  set_busy_timeout(busy_timeout);
  return done;
}

// Reads the file, so that one that is no database is found now. A file without pages is a new one: its journal mode is
// ours to choose, and stays with the file.
Status SqliteConnection::look_inside(SqliteAccess access) {
  BATON_TRY(SqliteStatement * pages, prepare("PRAGMA page_count"));
  BATON_TRY(const bool row, pages->step());
  const bool is_new = row && pages->integer(0) == 0;
  pages->reset();
  if (access == SqliteAccess::create && is_new) BATON_CHECK(execute("PRAGMA journal_mode = WAL"));
  return execute("SELECT 1 FROM sqlite_schema LIMIT 1");
}

SqliteConnection::~SqliteConnection() {
  statements_.clear();
  sqlite3_close(db_);
  leave_turn();
}

Status SqliteConnection::execute(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(sqlite_error(sqlite3_extended_errcode(db_), db_, path_));
  return {};
}

Result<SqliteStatement*> SqliteConnection::prepare(const std::string& sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) {
    known->second->reset();
    return known->second.get();
  }
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return fail(sqlite_error(sqlite3_extended_errcode(db_), db_, path_));
  auto owned = std::make_unique<SqliteStatement>(db_, statement, path_);
  return statements_.emplace(sql, std::move(owned)).first->second.get();
}

Result<bool> SqliteConnection::has_table(std::string_view name) {
  BATON_TRY(SqliteStatement * query,
            prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE"));
  BATON_TRY(const bool found, query->bind(1, name).step());
  query->reset();
  return found;
}

std::int64_t SqliteConnection::changes() const { return sqlite3_changes64(db_); }

bool SqliteConnection::file_has_moved() const {
  int moved = 0;
  return sqlite3_file_control(db_, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0;
}

bool SqliteConnection::in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

Status SqliteConnection::begin() {
  if (turn_ == nullptr) turn_ = WriteTurn::of(path_);
  if (!turn_->enter(busy_timeout_)) {
    return fail(ErrorKind::retry, fmt::format("{}: another job of this process has been writing for {} ms", path_,
                                              busy_timeout_.count()));
  }
  has_turn_ = true;
  auto begun = execute("BEGIN IMMEDIATE");
  if (begun) return {};
  leave_turn();
  return fail(name_lock_holder(std::move(begun).error()));
}

void SqliteConnection::leave_turn() {
  if (std::exchange(has_turn_, false)) turn_->leave();
}

Error SqliteConnection::name_lock_holder(Error error) const {
  if ((sqlite3_errcode(db_) & 0xFF) != SQLITE_BUSY) return error;
  if (const auto holder = sqlite_write_lock_holder(path_)) {
    error.message += fmt::format(
        " (process {}), which is writing now; only if it stays stopped there (SIGSTOP), continue it or end it",
        *holder);
  }
  return error;
}

Status SqliteConnection::commit() {
  const int code = sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) {
    leave_turn();
    return flush_log_ ? flush_log() : Status();
  }
  Error error = sqlite_error(sqlite3_extended_errcode(db_), db_, path_);
  if ((code & 0xFF) == SQLITE_IOERR) error.kind = ErrorKind::unknown_outcome;
  return fail(std::move(error));
}

// What synchronous = FULL adds to NORMAL. Whoever restarts the log in between has flushed it before.
Status SqliteConnection::flush_log() {
  sqlite3_file* log = nullptr;
  int code = sqlite3_file_control(db_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  const bool open = code == SQLITE_OK && log != nullptr && log->pMethods != nullptr;
  if (open) code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
  if (open && code == SQLITE_OK) return {};
  return fail(ErrorKind::unknown_outcome,
              fmt::format("{}: committed, but the write-ahead log could not be flushed to the disk: {}", path_,
                          open ? sqlite3_errstr(code) : "it is not open"));
}

void SqliteConnection::rollback() {
  if (in_transaction()) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
  leave_turn();
}

void SqliteConnection::set_busy_timeout(Duration timeout) {
  constexpr Duration longest(std::numeric_limits<int>::max());
  busy_timeout_ = timeout;
  sqlite3_busy_timeout(db_, static_cast<int>(std::clamp(timeout, Duration::zero(), longest).count()));
}

void SqliteConnection::interrupt() { sqlite3_interrupt(db_); }

Result<SqliteTransaction> SqliteTransaction::begin(SqliteConnection& connection) {
  BATON_CHECK(connection.begin());
  return SqliteTransaction(connection);
}

Result<SqliteTransaction> SqliteTransaction::begin_reading(SqliteConnection& connection) {
  BATON_CHECK(connection.execute("BEGIN DEFERRED"));
  return SqliteTransaction(connection);
}

SqliteTransaction::~SqliteTransaction() {
  if (connection_ != nullptr) connection_->rollback();
}

Status SqliteTransaction::commit() {
  BATON_CHECK(connection_->commit());
  connection_ = nullptr;
  return {};
}

std::string quote_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace baton

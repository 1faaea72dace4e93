// A session with a PostgreSQL server: RAII over libpq, errors as values.
#pragma once

#include "base/clock.h"
#include "baton/result.h"
#include "postgres/server_encoding.h"
#include "postgres/settings.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct pg_cancel;
struct pg_conn;
struct pg_result;

namespace baton {

// What a statement returned, in text or, where it was asked for, in binary. Rows and columns from 0.
class PgResult {
 public:
  explicit PgResult(pg_result* result) noexcept : result_(result) {}
  PgResult(PgResult&& other) noexcept;
  PgResult(const PgResult&) = delete;
  PgResult& operator=(const PgResult&) = delete;
  PgResult& operator=(PgResult&&) = delete;
  ~PgResult();

  int rows() const;
  int columns() const;
  std::string column_name(int column) const;
  std::uint32_t column_type(int column) const;  // its OID
  bool is_null(int row, int column) const;
  // The bytes as the server sent them; empty for NULL. Valid as long as the result.
  std::string_view view(int row, int column) const;
  std::string text(int row, int column) const { return std::string(view(row, column)); }
  std::optional<std::string> optional_text(int row, int column) const;
  std::int64_t integer(int row, int column) const;  // REQUIRES: the text is one; 0 for NULL
  bool boolean(int row, int column) const { return view(row, column) == "t"; }
  // Rows that an INSERT, UPDATE, DELETE, MERGE or COPY changed; 0 for others.
  std::int64_t changed() const;

  pg_result* handle() const { return result_; }

 private:
  pg_result* result_;
};

// Parameters of a statement, in text form; an empty optional is NULL.
class PgParameters {
 public:
  PgParameters() = default;
  template <class... Values>
  static PgParameters of(const Values&... values) {
    PgParameters parameters;
    (parameters.add(values), ...);
    return parameters;
  }

  PgParameters& add(std::string_view text);
  PgParameters& add(const std::string& text) { return add(std::string_view(text)); }
  PgParameters& add(const char* text) { return add(std::string_view(text)); }
  PgParameters& add(std::int64_t value);
  PgParameters& add(int value) { return add(std::int64_t{value}); }
  PgParameters& add(bool value) { return add(std::string_view(value ? "t" : "f")); }
  template <class T>
  PgParameters& add(const std::optional<T>& value) {
    return value ? add(*value) : add_null();
  }
  PgParameters& add_null();

  const std::vector<std::optional<std::string>>& values() const { return values_; }

 private:
  std::vector<std::optional<std::string>> values_;
};

// What is known when a statement's answer is lost with the connection, or does not come in time.
enum class PgEffect {
  none,     // nothing lasts: a read, or a part of a transaction that ends with its session (`retry`)
  commits,  // it may have been committed (`unknown_outcome`)
};

struct PgFormat {
  bool binary = false;  // results in binary
};

// Details of an error that the server reported; empty where it did not.
struct PgFailure {
  std::string sqlstate;
  std::string message;  // primary
  std::string detail;
  std::string hint;
  std::string context;  // "COPY t, line 3, column c" for COPY
  std::string schema;
  std::string table;
  std::string column;
  std::string constraint;
  int position = 0;  // in the statement, in characters from 1; 0 where the server does not tell
};

// A notification (NOTIFY) that came in.
struct PgNotice {
  std::string channel;
  std::string payload;
};

// Used by one thread at a time, but for interrupt(). After an error that says `lost()` no call succeeds any more.
class PgConnection {
 public:
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;

  // Connects within `timeout`. `retry`: no server there, or it takes no connections now. `invalid`, with the next step:
  // user, password, database, TLS, a URL that is none. The session speaks UTF-8, its zone is UTC, its dates are ISO,
  // its intervals ISO 8601 and its transactions READ COMMITTED, whatever the defaults of role and database. What it
  // runs is ended by the server within seconds of this process's end. Where a `wake_fd` is given, each call, this one
  // too, ends early, as if its time were over, once that can be read.
  static Result<std::unique_ptr<PgConnection>> open(const PgSettings& settings, Duration timeout, int wake_fd = -1);

  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;
  ~PgConnection();

  // One statement with parameters $1, $2, …
  Result<PgResult> query(const std::string& sql, const PgParameters& parameters = {}, PgEffect effect = PgEffect::none,
                         PgFormat format = {});

  // One statement whose rows are dropped as they come, so that they take no memory.
  Result<PgResult> run(const std::string& sql, PgEffect effect = PgEffect::none);

  // One or more statements in one message, each with the snapshot that it would have alone; the results of all. The
  // first error ends it: those behind it are not run.
  Result<std::vector<PgResult>> script(const std::string& sql, PgEffect effect = PgEffect::none);

  // COPY … FROM STDIN: begin, data, then end. `retry` and `invalid` as for statements; after any error the COPY is
  // over and the transaction failed.
  Status copy_in(const std::string& sql);
  Status copy_data(std::span<const char> bytes);
  Result<std::vector<PgResult>> copy_end();  // of the COPY, and of the statements behind it
  // Ends the COPY without its rows.
  void copy_abandon(const std::string& why);

  // COPY … TO STDOUT: begin, then rows until an empty optional. The view is valid until the next call.
  Status copy_out(const std::string& sql);
  Result<std::optional<std::string_view>> copy_row();

  // Undoes, within a transaction too, what SET, SET ROLE and SET SESSION AUTHORIZATION of a user's changed.
  Status restore_settings();

  // Calls fail after this long without an answer and the connection is then lost, which ends the statement too; absent:
  // they wait.
  void set_timeout(std::optional<Duration> timeout) { timeout_ = timeout; }

  // The last error as the server told it.
  const PgFailure& failure() const { return failure_; }
  // True once the connection cannot be used any more.
  bool lost() const;
  // The server said that it ends this session: nothing that it ran can commit any more.
  bool ended_by_server() const { return ended_by_server_; }
  bool in_transaction() const;
  // Ended by the server or the network while nobody used it? Reads what has come in; does not wait.
  bool healthy();

  // Notifications that have come in, after waiting for the first one until `until` or until `wake_fd` can be read
  // (-1: none). Empty when none came. REQUIRES: LISTEN was executed.
  Result<std::vector<PgNotice>> notices(std::chrono::steady_clock::time_point until, int wake_fd);

  // Ends what another thread runs on this connection, or is just about to send: that call returns `retry`. Thread-safe.
  void interrupt();

  int backend_pid() const;
  int server_version() const;                                      // 150004 for 15.4
  const PgServerEncoding& encoding() const { return *encoding_; }  // of the database
  const PgSettings& settings() const { return settings_; }
  // The server and database in messages.
  const std::string& shown() const { return settings_.shown; }

  // "name" and 'text', for SQL.
  static std::string quoted_name(std::string_view name);
  static std::string quoted_text(std::string_view text);

  pg_conn* handle() { return connection_; }

 private:
  PgConnection(pg_conn* connection, PgSettings settings);

  Deadline deadline() const;
  // Waits until the socket can be read, or written; false when the time is over.
  bool await_socket(bool to_write, const Deadline& deadline);
  Status connect(const Deadline& deadline);
  Status set_up(const std::string& before);
  Status flush(const Deadline& deadline);
  Result<pg_result*> next_result(const Deadline& deadline, PgEffect effect);
  Result<std::vector<PgResult>> results(PgEffect effect, bool drop_rows = false);
  void cancel();
  Error error_of(pg_result* result, PgEffect effect);
  Error lost_error(const std::string& what, PgEffect effect);
  Error closed_error(PgEffect effect);
  void drain();

  pg_conn* connection_;
  PgSettings settings_;
  std::optional<Duration> timeout_;
  PgFailure failure_;
  std::optional<PgServerEncoding> encoding_;  // once connected
  bool broken_ = false;
  bool ended_by_server_ = false;
  std::atomic<bool> interrupted_ = false;
  int wake_fd_ = -1;
  char* copied_ = nullptr;  // the last row of copy_row

  std::mutex cancel_mutex_;
  pg_cancel* cancel_ = nullptr;
};

}  // namespace baton

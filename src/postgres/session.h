// One session with a database in which Baton has tables, made again when it was lost (P9).
#pragma once

#include "batch/authority.h"
#include "postgres/connection.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace baton {

// Used by one thread at a time, but for interrupt().
class PgSession {
 public:
  // `tables` is the schema of Baton's own tables; empty: the first of the session's search_path that exists, found at
  // the first connection. `patience`: how long a connection may take.
  PgSession(PgSettings settings, std::string tables, Duration patience = Duration(10'000));
  PgSession(const PgSession&) = delete;
  PgSession& operator=(const PgSession&) = delete;

  // The open connection; a new one where there is none or it was lost. A new one that follows a lost one under which a
  // fenced transaction ran first ends what that one left open (see end_older_transactions): only then can what is read
  // back be relied on. Errors as PgConnection::open; `lease_lost` where the fence is not that transaction's any more is
  // not an error here: nothing of mine can commit then. While a fenced transaction is open its connection is not made
  // again: `retry` once it is lost.
  Result<PgConnection*> connection();

  // What is open now, lost or not; null where there is none. Makes none.
  PgConnection* open_connection() { return connection_.get(); }

  // "" before connection() has succeeded once, where none was given.
  const std::string& schema() const { return tables_; }
  // "schema"."name" of one of Baton's or Spring Batch's tables.
  std::string table(std::string_view name) const;
  // Whether that one is there.
  Result<bool> has_table(std::string_view name);

  // The zone in which Spring Batch's rows show times (P17); open_pg_repository sets it.
  const std::string& zone() const { return zone_; }
  void set_zone(std::string zone) { zone_ = std::move(zone); }

  // A fenced transaction runs under this fence; remembered until it ended for certain.
  void runs_under(const Fence& fence);
  void ended();

  // Closes the connection: the next call opens another one.
  void drop();

  // Ends what runs now. One that comes between two statements is noted for who asks interrupted() next, until the
  // transaction ends. Thread-safe.
  void interrupt();
  bool interrupted() { return interrupted_.exchange(false); }

  const PgSettings& settings() const { return settings_; }

 private:
  Status connect();
  Status end_what_was_left_open();

  PgSettings settings_;
  std::string tables_;
  std::string zone_ = "UTC";
  Duration patience_;
  std::unique_ptr<PgConnection> connection_;
  std::optional<Fence> open_under_;
  bool in_transaction_ = false;  // a fenced one is open on connection_
  std::atomic<bool> interrupted_ = false;
  std::mutex interrupt_mutex_;  // guards the pointer for interrupt()
};

}  // namespace baton

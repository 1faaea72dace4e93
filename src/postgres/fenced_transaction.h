// A PostgreSQL transaction under a fence (P9, P12, P15):
//   1. BEGIN, READ COMMITTED, read-write
//   2. pg_advisory_xact_lock_shared(hash of repository id and job)
//   3. the fence is read, and the server's clock; statements 1 to 3 are one message
//   …  the caller's statements
//   4. SET CONSTRAINTS ALL IMMEDIATE
//   5. the guard, an error where clock_timestamp() is past the trust deadline, and COMMIT, in one message
// A take-over raises the fence, then ends every transaction that holds the lock and began before.
#pragma once

#include "batch/authority.h"
#include "batch/database.h"
#include "postgres/session.h"

#include <cstdint>
#include <string>

namespace baton {

class PgFencedTransaction {
 public:
  // `lease_lost` where the fence is not the authority's, or none is recorded. `retry`: not begun.
  static Result<PgFencedTransaction> begin(PgSession& session, const Authority& authority, Durability durability);

  PgFencedTransaction(PgFencedTransaction&& other) noexcept;
  PgFencedTransaction(const PgFencedTransaction&) = delete;
  PgFencedTransaction& operator=(const PgFencedTransaction&) = delete;
  PgFencedTransaction& operator=(PgFencedTransaction&&) = delete;
  // Rolls back unless commit was called. A rollback that fails drops the session.
  ~PgFencedTransaction();

  // `lease_lost` past the deadline: nothing is committed. `unknown_outcome`: the answer was lost. Other errors: nothing
  // is committed.
  Status commit();

  // Says again how COMMIT treats the disk, after statements that may have changed settings.
  Status set_durability();

  PgConnection& connection() { return *connection_; }
  PgSession& session() { return *session_; }
  // The server's clock when the fence was read.
  WallTime server_time() const { return server_time_; }

 private:
  PgFencedTransaction(PgSession& session, PgConnection& connection, Guard guard, Durability durability)
      : session_(&session), connection_(&connection), guard_(guard), durability_(durability) {}

  void leave();

  PgSession* session_;  // null once it ended or was moved from
  PgConnection* connection_;
  Guard guard_;
  Durability durability_;
  WallTime server_time_;
  Instant read_at_;  // when the answer with server_time_ had come
};

// The key of the job's advisory lock: 64 bits of a hash that never changes.
std::int64_t job_lock_key(const std::string& repository_id, const std::string& job);

// P9: those that hold the job's lock now, but for this session, are waited for up to 1 s and then ended, until none of
// them is left. The statement that ends them checks in itself that the fence is still `fence`. `lease_lost` where it is
// not; `invalid`, with pid, role and database, where this role may not end them; `retry` otherwise.
Status end_older_transactions(PgConnection& connection, const std::string& fence_table, const Fence& fence);

}  // namespace baton

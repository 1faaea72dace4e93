// A transaction of the job repository that needs no fence: what people ask for, what replicas tell each other.
#pragma once

#include "batch/database.h"
#include "postgres/tables.h"

namespace baton {

// Rows that it locks are free again after 10 s at the latest, even where its process was stopped in the middle: the
// server ends a session that is idle in such a transaction.
class PgShortTransaction {
 public:
  // `retry`: not begun.
  static Result<PgShortTransaction> begin(PgSession& session, Durability durability);

  PgShortTransaction(PgShortTransaction&& other) noexcept;
  PgShortTransaction(const PgShortTransaction&) = delete;
  PgShortTransaction& operator=(const PgShortTransaction&) = delete;
  PgShortTransaction& operator=(PgShortTransaction&&) = delete;
  // Rolls back unless commit was called.
  ~PgShortTransaction();

  // `unknown_outcome`: the answer was lost. Other errors: nothing is committed.
  Status commit();

  PgTables tables() const { return {*connection_, *session_}; }
  // The server's clock at the beginning.
  WallTime server_time() const { return server_time_; }

 private:
  PgShortTransaction(PgSession& session, PgConnection& connection, WallTime server_time)
      : session_(&session), connection_(&connection), server_time_(server_time) {}

  PgSession* session_;
  PgConnection* connection_;  // null once it ended or was moved from
  WallTime server_time_;
};

// Runs statements in one message with BEGIN and COMMIT: no row stays locked while a process is stopped. The results
// begin with BEGIN's.
Result<std::vector<PgResult>> run_in_transaction(PgConnection& connection, const std::string& mode,
                                                 const std::string& statements, PgEffect effect);

// The same with what may be forgotten with the power: COMMIT does not wait for the disk. Locks are waited for as long
// as `lock_wait`. The results begin with those of `statements`.
Result<std::vector<PgResult>> run_relaxed(PgConnection& connection, const std::string& statements, PgEffect effect,
                                          Duration lock_wait = Duration(15'000));

// Ends a transaction that failed, and the connection where that fails.
void roll_back(PgConnection& connection, PgSession& session);

// True if the last statement failed as the victim of a deadlock or of a serialization failure: the transaction may be
// tried again at once.
bool lost_to_another_transaction(PgSession& session);

// P10: nobody sees a deadlock or a serialization failure, but for one who always loses.
template <class Attempt>
auto repeated(PgSession& session, Attempt attempt) {
  constexpr int attempts = 5;
  for (int count = 1;; ++count) {
    auto result = attempt();
    const bool again = !result && result.error().kind == ErrorKind::retry && count < attempts;
    if (!again || !lost_to_another_transaction(session)) return result;
  }
}

}  // namespace baton

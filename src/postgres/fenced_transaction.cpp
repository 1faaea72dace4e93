#include "postgres/fenced_transaction.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <xxhash.h>
#include <algorithm>
#include <string_view>
#include <utility>

namespace baton {
namespace {

using std::chrono::microseconds;

// By this the guard's error is told from an error of COMMIT.
constexpr std::string_view guard_mark = "baton: past the deadline";

// Core SQL, so that it works where PL/pgSQL was dropped: the text is no integer.
std::string guard_statement(WallTime deadline) {
  return fmt::format(
      "SELECT CASE WHEN pg_catalog.clock_timestamp() < timestamptz 'epoch' + {} * interval '1 microsecond' THEN 1 "
      "ELSE ('{} at ' || pg_catalog.clock_timestamp())::int END; ",
      deadline.time_since_epoch().count(), guard_mark);
}

Error past_deadline() {
  return {ErrorKind::lease_lost, "the lease could not be renewed in time: nothing was committed"};
}

const char* durability_setting(Durability durability) {
  return durability == Durability::full ? "SET LOCAL synchronous_commit = on" : "SET LOCAL synchronous_commit = off";
}

// Statements 1 to 3. The lock and the check are two statements: the check's snapshot is taken when the lock is held, so
// that whoever gets the lock after a take-over has listed its holders sees the new fence (P9).
std::string begin_script(const PgSession& session, const Fence& fence, Durability durability) {
  return fmt::format(
      "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {}; "
      "SELECT pg_catalog.pg_advisory_xact_lock_shared({}); "
      "SELECT fence, (EXTRACT(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::bigint FROM {} "
      "WHERE repository_id = {} AND job = {}",
      durability_setting(durability), job_lock_key(fence.repository_id, fence.job), session.table("baton_fence"),
      PgConnection::quoted_text(fence.repository_id), PgConnection::quoted_text(fence.job));
}

}  // namespace

std::int64_t job_lock_key(const std::string& repository_id, const std::string& job) {
  std::string both = repository_id;
  both.push_back('\0');
  both += job;
  return static_cast<std::int64_t>(XXH3_64bits(both.data(), both.size()));
}

Result<PgFencedTransaction> PgFencedTransaction::begin(PgSession& session, const Authority& authority,
                                                       Durability durability) {
  const Fence& fence = authority.fence;
  BATON_TRY(PgConnection* const connection, session.connection());
  session.runs_under(fence);
  PgFencedTransaction transaction(session, *connection, authority.guard, durability);
  BATON_TRY(const auto answers, connection->script(begin_script(session, fence, durability)));
  transaction.read_at_ = authority.guard.clock->now();
  const PgResult& row = answers.back();
  if (row.rows() == 0 || row.integer(0, 0) != fence.value) {
    return fail(ErrorKind::lease_lost,
                fmt::format("{}: the fence of \"{}\" is {}, mine is {}: another replica owns the job now",
                            connection->shown(), fence.job, row.rows() == 0 ? "missing" : row.view(0, 0), fence.value));
  }
  transaction.server_time_ = WallTime(microseconds(row.integer(0, 1)));
  return transaction;
}

PgFencedTransaction::PgFencedTransaction(PgFencedTransaction&& other) noexcept
    : session_(std::exchange(other.session_, nullptr)),
      connection_(other.connection_),
      guard_(other.guard_),
      durability_(other.durability_),
      server_time_(other.server_time_),
      read_at_(other.read_at_) {}

PgFencedTransaction::~PgFencedTransaction() {
  if (session_ == nullptr) return;
  // In the middle of a COPY there is no way back but to leave.
  const bool busy = PQtransactionStatus(connection_->handle()) == PQTRANS_ACTIVE;
  if (!connection_->lost() && !busy && connection_->script("ROLLBACK")) {
    session_->ended();
  } else {
    leave();
  }
}

// The session remembers the fence, unless the server has said that the transaction is over.
void PgFencedTransaction::leave() {
  if (connection_->ended_by_server()) session_->ended();
  std::exchange(session_, nullptr)->drop();
}

Status PgFencedTransaction::set_durability() {
  BATON_TRY(const auto done, connection_->script(durability_setting(durability_)));
  return {};
}

Status PgFencedTransaction::commit() {
  BATON_TRY(const auto checked, connection_->script("SET CONSTRAINTS ALL IMMEDIATE"));
  std::string script = "COMMIT";
  if (const Instant until = guard_.lease->trusted_until(); until != Instant::max()) {
    // A lease that is lost is trusted until the beginning of time, from which nothing can be subtracted.
    script.insert(0, guard_statement(server_time_ + (std::max(until, read_at_) - read_at_)));
  }
  if (!guard_.passed()) return fail(past_deadline());
  const auto done = connection_->script(script, PgEffect::commits);
  if (done && std::string_view(PQcmdStatus(done->back().handle())) == "COMMIT") {
    std::exchange(session_, nullptr)->ended();
    return {};
  }
  if (done) {
    return fail(ErrorKind::retry, fmt::format("{}: the server undid the transaction at COMMIT", connection_->shown()));
  }
  if (done.error().kind == ErrorKind::unknown_outcome) {
    leave();
  } else if (connection_->failure().sqlstate == "22P02" &&
             connection_->failure().message.find(guard_mark) != std::string::npos) {
    return fail(past_deadline());
  }
  return fail(done.error());
}

}  // namespace baton

#include "postgres/short_transaction.h"

#include "postgres/row_values.h"

#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace baton {
namespace {

constexpr const char* bounds = "SET LOCAL lock_timeout = '15s'; SET LOCAL idle_in_transaction_session_timeout = '10s'";

const char* commit_setting(Durability durability) {
  return durability == Durability::full ? "SET LOCAL synchronous_commit = on" : "SET LOCAL synchronous_commit = off";
}

}  // namespace

Result<PgShortTransaction> PgShortTransaction::begin(PgSession& session, Durability durability) {
  BATON_TRY(PgConnection * connection, session.connection());
  const auto begun =
      connection->script(fmt::format("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {}; {}; SELECT {}",
                                     commit_setting(durability), bounds, micros_of("clock_timestamp()")));
  if (!begun) {
    roll_back(*connection, session);
    return fail(begun.error());
  }
  return PgShortTransaction(session, *connection, wall_time_at(begun->back(), 0, 0).value_or(WallTime{}));
}

PgShortTransaction::PgShortTransaction(PgShortTransaction&& other) noexcept
    : session_(other.session_),
      connection_(std::exchange(other.connection_, nullptr)),
      server_time_(other.server_time_) {}

PgShortTransaction::~PgShortTransaction() {
  if (connection_ != nullptr) roll_back(*connection_, *session_);
}

Status PgShortTransaction::commit() {
  PgConnection& connection = *std::exchange(connection_, nullptr);
  // A COMMIT of a failed transaction would succeed as a ROLLBACK; no caller gets here after an error.
  const auto committed = connection.script("COMMIT", PgEffect::commits);
  if (committed) return {};
  roll_back(connection, *session_);
  return fail(committed.error());
}

Result<std::vector<PgResult>> run_in_transaction(PgConnection& connection, const std::string& mode,
                                                 const std::string& statements, PgEffect effect) {
  auto results = connection.script(fmt::format("BEGIN {}; {}; COMMIT", mode, statements), effect);
  if (!results) {
    if (connection.in_transaction()) static_cast<void>(connection.script("ROLLBACK"));
  }
  return results;
}

Result<std::vector<PgResult>> run_relaxed(PgConnection& connection, const std::string& statements, PgEffect effect,
                                          Duration lock_wait) {
  constexpr std::ptrdiff_t own = 3;  // BEGIN and the settings
  BATON_TRY(std::vector<PgResult> results,
            run_in_transaction(connection, "ISOLATION LEVEL READ COMMITTED READ WRITE",
                               fmt::format("{}; SET LOCAL lock_timeout = {}; {}", commit_setting(Durability::relaxed),
                                           lock_wait.count(), statements),
                               effect));
  return std::vector<PgResult>(std::make_move_iterator(results.begin() + own), std::make_move_iterator(results.end()));
}

void roll_back(PgConnection& connection, PgSession& session) {
  if (connection.lost() || !connection.in_transaction()) return;
  if (!connection.script("ROLLBACK")) session.drop();
}

bool lost_to_another_transaction(PgSession& session) {
  const auto connection = session.connection();
  return connection && (*connection)->failure().sqlstate.starts_with("40");
}

}  // namespace baton

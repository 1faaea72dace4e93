#include "sqlite/fenced_transaction.h"

#include <fmt/format.h>

namespace baton {

Status set_durability(SqliteConnection& connection, Durability durability) {
  BATON_TRY(SqliteStatement * query, connection.prepare("PRAGMA journal_mode"));
  BATON_TRY(const bool row, query->step());
  const bool wal = row && query->text(0) == "wal";
  query->reset();
  connection.flush_log_at_commit(wal && durability == Durability::full);
  return connection.execute(wal ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL");
}

Result<FencedTransaction> FencedTransaction::begin(SqliteConnection& connection, const Authority& authority,
                                                   Durability durability) {
  BATON_CHECK(set_durability(connection, durability));
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(connection));
  BATON_TRY(SqliteStatement * query,
            connection.prepare("SELECT fence FROM baton_fence WHERE repository_id = ?1 AND job = ?2"));
  query->bind(1, std::string_view(authority.fence.repository_id)).bind(2, std::string_view(authority.fence.job));
  BATON_TRY(const bool row, query->step());
  const std::int64_t fence = row ? query->integer(0) : -1;
  query->reset();
  if (fence != authority.fence.value) {
    return fail(
        ErrorKind::lease_lost,
        fmt::format("{}: the fence of \"{}\" is {}, mine is {}: another replica owns the job now", connection.path(),
                    authority.fence.job, row ? std::to_string(fence) : "missing", authority.fence.value));
  }
  return FencedTransaction(std::move(transaction), authority.guard);
}

Status FencedTransaction::commit() {
  if (!guard_.passed()) {
    return fail(ErrorKind::lease_lost, "the lease could not be renewed in time: nothing was committed");
  }
  return transaction_.commit();
}

}  // namespace baton

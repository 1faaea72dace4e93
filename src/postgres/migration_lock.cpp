#include "postgres/migration_lock.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {
namespace {

constexpr std::int64_t lock_key = 0x6261746f6e5f6464;  // "baton_dd"; every version of Baton takes the same one

// "pid 77 of role etl", or nothing where it has just ended.
std::string holder(PgConnection& connection) {
  const auto found = connection.query(
      fmt::format("SELECT l.pid, a.usename FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a "
                  "USING (pid) WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.classid = {}::oid "
                  "AND l.objid = {}::oid AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = "
                  "current_database())",
                  static_cast<std::uint32_t>(lock_key >> 32), static_cast<std::uint32_t>(lock_key)));
  if (!found || found->rows() == 0) return {};
  return fmt::format("; it has pid {}, role {}", found->view(0, 0), found->view(0, 1));
}

}  // namespace

Result<PgMigrationLock> PgMigrationLock::take(PgConnection& connection, Duration patience) {
  // One message without BEGIN is one transaction: where the lock is not had in time, the setting goes with it.
  const auto locked =
      connection.script(fmt::format("SET LOCAL lock_timeout = {}; SELECT pg_catalog.pg_advisory_lock({})",
                                    std::max<std::int64_t>(patience.count(), 1), lock_key));
  if (locked) return PgMigrationLock(connection);
  if (connection.lost() || connection.failure().sqlstate != "55P03") return fail(locked.error());
  return fail(ErrorKind::retry, fmt::format("{}: another program has been changing Baton's tables for {} s{}",
                                            connection.shown(), patience.count() / 1'000, holder(connection)));
}

PgMigrationLock::PgMigrationLock(PgMigrationLock&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

PgMigrationLock::~PgMigrationLock() {
  if (connection_ == nullptr || connection_->lost()) return;
  static_cast<void>(connection_->query(fmt::format("SELECT pg_catalog.pg_advisory_unlock({})", lock_key)));
}

}  // namespace baton

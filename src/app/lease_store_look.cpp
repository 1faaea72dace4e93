#include "app/lease_store_look.h"

#include "app/store_sqlite.h"
#include "postgres/lease_table.h"
#include "postgres/repository_parts.h"
#include "sqlite/repository.h"

namespace baton {
namespace {

// Empty: there is none.
Result<std::string> sqlite_store(const std::string& path) {
  if (!file_exists(path)) return std::string();
  BATON_TRY(const auto connection, SqliteConnection::open(path, SqliteAccess::untouched));
  BATON_TRY(SqliteStatement * select, connection->prepare("SELECT id FROM baton_lease_store WHERE one = 1"));
  BATON_TRY(const bool row, select->step());
  return row ? select->text(0) : std::string();
}

Result<std::string> pg_store(PgSession& session) {
  BATON_TRY(PgConnection* const connection, session.connection());
  BATON_TRY(const PgResult row, connection->query("SELECT id FROM " + PgLeaseTable(session.schema()).store()));
  return row.rows() == 1 ? row.text(0, 0) : std::string();
}

Result<std::string> configured_store(const Config& config, const Stores& stores) {
  if (config.locks.dynamodb) return stores.dynamodb_identity();
  const DatabaseConfig& locks = config.locks.database;
  if (locks.kind == DatabaseKind::sqlite) return sqlite_store(locks.path.value);
  BATON_TRY(const auto session, stores.pg_look(locks));
  return pg_store(*session);
}

// One that is not the recorded one is refused, so that this changes nothing.
Status compare(RepositoryRecord& record, const std::string& store) {
  const auto recorded = record.lease_store();
  if (!recorded || !*recorded) return {};
  return record.adopt_lease_store(store);
}

}  // namespace

Status look_at_lease_store(const Config& config, const Stores& stores) {
  const auto store = configured_store(config, stores);
  if (!store || store->empty()) return {};
  const DatabaseConfig& home = config.repository.database;
  if (home.kind == DatabaseKind::sqlite) {
    if (!file_exists(home.path.value)) return {};
    const auto connection = SqliteConnection::open(home.path.value, SqliteAccess::untouched);
    if (!connection) return {};
    const auto record = SqliteRepositoryRecord::open(**connection);
    return record ? compare(**record, *store) : Status();
  }
  const auto session = stores.pg_look(home);
  if (!session) return {};
  const auto record = PgRepositoryRecord::open(**session);
  return record ? compare(**record, *store) : Status();
}

}  // namespace baton

#include "sqlite/database.h"
#include "sqlite/fenced_transaction.h"
#include "sqlite/recorded_lease_store.h"
#include "sqlite/repository.h"

#include <fmt/format.h>

namespace baton {

Result<std::unique_ptr<SqliteRepositoryRecord>> SqliteRepositoryRecord::open(SqliteConnection& connection) {
  BATON_TRY(SqliteStatement * query,
            connection.prepare("SELECT repository_id FROM baton_repository ORDER BY schema_version LIMIT 1"));
  BATON_TRY(const bool row, query->step());
  if (!row) return fail(ErrorKind::invalid, fmt::format("{}: baton_repository is empty", connection.path()));
  std::string id = query->text(0);
  query->reset();
  return std::unique_ptr<SqliteRepositoryRecord>(new SqliteRepositoryRecord(connection, std::move(id)));
}

Result<std::optional<std::string>> SqliteRepositoryRecord::lease_store() { return recorded_lease_store(connection_); }

Status SqliteRepositoryRecord::adopt_lease_store(const std::string& identity) {
  BATON_TRY(const std::optional<std::string> known, recorded_lease_store(connection_));
  if (known == identity) return {};
  if (!known) {
    BATON_TRY(SqliteStatement * adopt,
              connection_.prepare("UPDATE baton_repository SET lease_store = ?1 WHERE lease_store IS NULL "
                                  "AND NOT EXISTS (SELECT 1 FROM baton_repository WHERE lease_store IS NOT NULL)"));
    BATON_CHECK(adopt->bind(1, std::string_view(identity)).run());
    if (connection_.changes() > 0) return {};
    return adopt_lease_store(identity);  // another replica was first
  }
  return fail(other_lease_store(connection_, *known, identity));
}

Result<std::vector<std::string>> SqliteRepositoryRecord::fenced_databases(const std::string& job) {
  BATON_TRY(SqliteStatement * query,
            connection_.prepare("SELECT database FROM baton_job_database WHERE job = ?1 ORDER BY database"));
  query->bind(1, std::string_view(job));
  std::vector<std::string> databases;
  while (true) {
    BATON_TRY(const bool row, query->step());
    if (!row) return databases;
    databases.push_back(query->text(0));
  }
}

Status SqliteRepositoryRecord::raise_fence(const std::string& job, std::int64_t from,
                                           const std::vector<std::string>& databases) {
  BATON_CHECK(set_durability(connection_, Durability::full));
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(connection_));
  BATON_CHECK(raise_sqlite_fence(connection_, repository_id_, job, from));
  BATON_TRY(SqliteStatement * record,
            connection_.prepare("INSERT INTO baton_job_database (job, database) VALUES (?1, ?2) "
                                "ON CONFLICT DO NOTHING"));
  for (const std::string& database : databases) {
    BATON_CHECK(record->bind(1, std::string_view(job)).bind(2, std::string_view(database)).run());
    record->reset();
  }
  return transaction.commit();
}

}  // namespace baton

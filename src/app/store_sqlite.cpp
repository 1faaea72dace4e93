#include "app/store_sqlite.h"

#include "sqlite/database.h"
#include "sqlite/lease_store.h"
#include "sqlite/lock_holder.h"
#include "sqlite/reject_log.h"
#include "sqlite/repository_bundle.h"
#include "sqlite/retention.h"
#include "sqlite/schema.h"
#include "sqlite/table_writer.h"

#include <fmt/format.h>
#include <filesystem>
#include <functional>
#include <set>

namespace baton {
namespace {

Result<std::set<std::string>> definitions(SqliteConnection& connection) {
  BATON_TRY(SqliteStatement * query,
            connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"));
  std::set<std::string> names;
  while (true) {
    BATON_TRY(const bool row, query->step());
    if (!row) return names;
    names.insert(query->text(0));
  }
}

// What `migrate` makes, a line for each table.
Result<std::vector<std::string>> changes_of(const std::string& path,
                                            const std::function<Status(SqliteConnection&)>& migrate) {
  BATON_TRY(const auto connection, SqliteConnection::open(path, SqliteAccess::create));
  BATON_TRY(const std::set<std::string> before, definitions(*connection));
  BATON_CHECK(migrate(*connection));
  BATON_TRY(const std::set<std::string> after, definitions(*connection));
  std::vector<std::string> changes;
  for (const std::string& name : after) {
    if (!before.contains(name)) changes.push_back("created " + name);
  }
  return changes;
}

}  // namespace

bool file_exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

Result<std::unique_ptr<Repository>> open_sqlite_repository(const RepositoryConfig& config, RepositoryAccess access,
                                                           const Clock& clock, Random& random) {
  const std::string& path = config.database.path.value;
  const SqliteAccess how = access == RepositoryAccess::create     ? SqliteAccess::create
                           : access == RepositoryAccess::existing ? SqliteAccess::read_write
                                                                  : SqliteAccess::read_only;
  BATON_TRY(auto connection, SqliteConnection::open(path, how));
  if (access != RepositoryAccess::create) {
    BATON_TRY(const bool there, has_repository(*connection));
    if (!there) {
      return fail(ErrorKind::invalid,
                  fmt::format("{} holds no job repository: check repository.url, or run a job first", path));
    }
  }
  if (access == RepositoryAccess::read_only) {
    BATON_CHECK(check_repository_schema(*connection));
  } else {
    BATON_CHECK(migrate_repository(*connection, config.migrate == Migrate::automatic, random, clock.wall_now(),
                                   spring_batch_wanted(config.spring_batch)));
    BATON_CHECK(tune_for_writing(*connection));
  }
  return SqliteRepository::open(std::move(connection), clock, context_format(config.contexts));
}

Result<bool> sqlite_repository_exists(const std::string& path) {
  if (!file_exists(path)) return false;
  BATON_TRY(const auto connection, SqliteConnection::open(path, SqliteAccess::read_only));
  BATON_TRY(SqliteStatement * any, connection->prepare("SELECT 1 FROM sqlite_schema LIMIT 1"));
  return any->step();
}

bool sqlite_reachable(const std::string& path) {
  return file_exists(path) || SqliteConnection::open(path, SqliteAccess::create).has_value();
}

Result<std::unique_ptr<LeaseStore>> open_sqlite_leases(const std::string& path, Random& random) {
  return SqliteLeaseStore::open(path, random);
}

Result<OpenDatabase> open_sqlite_target(const std::string& path, Migrate migrate) {
  BATON_TRY(auto opened, SqliteConnection::open(path, SqliteAccess::create));
  BATON_TRY(std::string identity, sqlite_identity(path));
  BATON_CHECK(migrate_target(*opened, migrate == Migrate::automatic));
  BATON_CHECK(tune_for_writing(*opened));
  const SqliteConnection& connection = *opened;
  return OpenDatabase{std::make_unique<SqliteDatabase>(std::move(opened), std::move(identity)),
                      [&connection] { return !connection.file_has_moved(); }};
}

Result<std::unique_ptr<Database>> open_recorded_sqlite(const std::string& identity, Migrate migrate) {
  BATON_TRY(const std::string path, sqlite_path(identity));
  BATON_TRY(auto connection, SqliteConnection::open(path, SqliteAccess::read_write));
  BATON_CHECK(migrate_target(*connection, migrate == Migrate::automatic));
  BATON_TRY(std::string identity_now,
            sqlite_identity(path));  // another one where the recorded path leads elsewhere now
  return std::unique_ptr<Database>(new SqliteDatabase(std::move(connection), std::move(identity_now)));
}

Result<std::vector<std::string>> migrate_sqlite_repository(const RepositoryConfig& config, const Clock& clock,
                                                           Random& random) {
  return changes_of(config.database.path.value, [&](SqliteConnection& connection) {
    return migrate_repository(connection, true, random, clock.wall_now(), spring_batch_wanted(config.spring_batch));
  });
}

Result<std::vector<std::string>> migrate_sqlite_target(const std::string& path) {
  return changes_of(path, [](SqliteConnection& connection) { return migrate_target(connection, true); });
}

Result<OpenRejects> open_sqlite_rejects(const std::string& path) {
  if (!file_exists(path)) return OpenRejects{};
  BATON_TRY(std::string identity, sqlite_identity(path));
  BATON_TRY(auto connection, SqliteConnection::open(path, SqliteAccess::read_only));
  return OpenRejects{std::move(identity), with_its_own<SqliteRejectLog>(std::move(connection))};
}

Result<OpenTraces> open_sqlite_traces(const std::string& path) {
  if (!file_exists(path)) return OpenTraces{};
  BATON_TRY(std::string identity, sqlite_identity(path));
  BATON_TRY(auto connection, SqliteConnection::open(path, SqliteAccess::read_write));
  return OpenTraces{std::move(identity), with_its_own<SqliteTraces>(std::move(connection))};
}

std::optional<int> sqlite_writer(const std::string& path) { return sqlite_write_lock_holder(path); }

}  // namespace baton

#include "sqlite/schema.h"

#include "sqlite/schema_text.h"
#include "sqlite/time_text.h"

#include <fmt/format.h>
#include <string>
#include <vector>

namespace baton {
namespace {

constexpr std::int64_t schema_version = 3;

// What takes the repository to a version from the one before.
struct Migration {
  std::int64_t version = 0;
  std::string statements;
  const char* sign;  // the table that it makes last: there, it was done, if perhaps by hand
};

std::vector<Migration> migrations(const char* sequence) {
  return {
      {1, std::string(spring_batch_tables) + sequence + "\n" + repository_version_1 + target_tables, "baton_execution"},
      {2, repository_version_2, "baton_replica"},
      {3, repository_version_3, "baton_monitor"}};
}

// Tables of one generation are not to be written in the other one's way: the job keys differ.
Status check_generation(SqliteConnection& connection, std::optional<JobKeyFormat> wanted) {
  BATON_TRY(const bool any, connection.has_table("BATCH_JOB_INSTANCE"));
  if (!any || !wanted) return {};
  BATON_TRY(const JobKeyFormat found, spring_batch_generation(connection));
  if (found == *wanted) return {};
  const auto number = [](JobKeyFormat format) { return format == JobKeyFormat::spring_batch_6 ? 6 : 5; };
  return fail(ErrorKind::invalid,
              fmt::format("{}: the tables are Spring Batch {}'s and repository.spring_batch says {}: say {} "
                          "or auto, or name another file",
                          connection.path(), number(found), number(*wanted), number(found)));
}

Status missing(const SqliteConnection& connection, const std::string& ddl) {
  return fail(
      ErrorKind::invalid,
      fmt::format("{}: Baton's tables are missing or older and repository.migrate is never; make them with:\n{}",
                  connection.path(), ddl));
}

// 0 where nothing is recorded. REQUIRES: has_repository.
Result<std::int64_t> recorded_version(SqliteConnection& connection) {
  BATON_TRY(SqliteStatement * query, connection.prepare("SELECT max(schema_version) FROM baton_repository"));
  BATON_TRY(const bool row, query->step());
  const std::int64_t version = row ? query->integer(0) : 0;
  query->reset();
  return version;
}

Result<std::int64_t> known_version(SqliteConnection& connection) {
  BATON_TRY(const bool there, has_repository(connection));
  if (!there) return 0;
  BATON_TRY(const std::int64_t version, recorded_version(connection));
  if (version <= schema_version) return version;
  return fail(ErrorKind::invalid,
              fmt::format("{}: a later version of Baton has upgraded this repository to schema {}; this one knows "
                          "schema {}: run the later version",
                          connection.path(), version, schema_version));
}

// The repository's id is that of its first version.
Status record_version(SqliteConnection& connection, std::int64_t version, Random& random, WallTime now) {
  BATON_TRY(SqliteStatement * insert,
            connection.prepare("INSERT INTO baton_repository (schema_version, repository_id, applied_at, lease_store) "
                               "VALUES (?1, coalesce((SELECT repository_id FROM baton_repository ORDER BY "
                               "schema_version LIMIT 1), ?2), ?3, (SELECT max(lease_store) FROM baton_repository)) ON "
                               "CONFLICT DO NOTHING"));
  insert->bind(1, version).bind(2, std::string_view(uuid(random)));
  return insert->bind(3, std::string_view(time_text(now))).run();
}

// With migrate: never, whoever made the tables by hand left the rows of baton_repository to us.
Status check_made_by_hand(SqliteConnection& connection, const std::vector<Migration>& pending) {
  std::string ddl;
  for (const Migration& migration : pending) {
    BATON_TRY(const bool done, connection.has_table(migration.sign));
    if (!done) ddl += migration.statements;
  }
  if (ddl.empty()) return {};
  return missing(connection, ddl);
}

}  // namespace

Result<bool> has_repository(SqliteConnection& connection) { return connection.has_table("baton_repository"); }

Result<JobKeyFormat> spring_batch_generation(SqliteConnection& connection) {
  BATON_TRY(const bool six, connection.has_table("BATCH_JOB_INSTANCE_SEQ"));
  return six ? JobKeyFormat::spring_batch_6 : JobKeyFormat::spring_batch_5;
}

Result<bool> repository_needs_migration(SqliteConnection& connection, std::optional<JobKeyFormat> wanted) {
  BATON_CHECK(check_generation(connection, wanted));
  BATON_TRY(const std::int64_t version, known_version(connection));
  return version < schema_version;
}

Status check_repository_schema(SqliteConnection& connection) {
  BATON_TRY(const std::int64_t version, known_version(connection));
  if (version == schema_version) return {};
  return fail(ErrorKind::invalid,
              fmt::format("{}: this repository has schema {} of an earlier version of Baton, this one needs schema {}: "
                          "the next command that runs or changes something upgrades it",
                          connection.path(), version, schema_version));
}

Status migrate_repository(SqliteConnection& connection, bool allowed, Random& random, WallTime now,
                          std::optional<JobKeyFormat> wanted) {
  BATON_CHECK(check_generation(connection, wanted));
  BATON_TRY(const std::int64_t before, known_version(connection));
  if (before == schema_version) return migrate_target(connection, allowed);
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(connection));
  // Another process may have done it meanwhile.
  BATON_TRY(const std::int64_t version, known_version(connection));
  BATON_TRY(const JobKeyFormat found, spring_batch_generation(connection));
  const char* sequence = wanted.value_or(found) == JobKeyFormat::spring_batch_6 ? sequence_of_6 : sequence_of_5;
  std::vector<Migration> pending = migrations(sequence);
  std::erase_if(pending, [&](const Migration& migration) { return migration.version <= version; });
  if (!allowed) BATON_CHECK(check_made_by_hand(connection, pending));
  for (const Migration& migration : pending) {
    BATON_TRY(const bool done, connection.has_table(migration.sign));
    if (!done) BATON_CHECK(connection.execute(migration.statements));
    BATON_CHECK(record_version(connection, migration.version, random, now));
  }
  BATON_CHECK(transaction.commit());
  return migrate_target(connection, allowed);
}

Status migrate_target(SqliteConnection& connection, bool allowed) {
  bool complete = true;
  for (const char* table : {"baton_fence", "baton_progress", "baton_reject"}) {
    BATON_TRY(const bool there, connection.has_table(table));
    complete = complete && there;
  }
  if (complete) return {};
  if (!allowed) return missing(connection, target_tables);
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(connection));
  BATON_CHECK(connection.execute(target_tables));
  return transaction.commit();
}

}  // namespace baton

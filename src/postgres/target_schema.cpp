#include "postgres/migration_lock.h"
#include "postgres/schema.h"
#include "postgres/target_tables.h"

#include <fmt/format.h>
#include <charconv>
#include <set>

namespace baton {
namespace {

constexpr int target_version = 1;
// The version stands in the comment of baton_progress: "Baton's tables of a target, version 1".
constexpr std::string_view comment_start = "Baton's tables of a target, version ";

Result<bool> has_schema(PgConnection& connection, const std::string& schema) {
  BATON_TRY(const PgResult found,
            connection.query("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", PgParameters::of(schema)));
  return found.rows() > 0;
}

// `invalid` for tables of a later version.
Status check_version(PgConnection& connection, const std::string& schema) {
  BATON_TRY(const PgResult found,
            connection.query("SELECT pg_catalog.obj_description(c.oid, 'pg_class') FROM pg_catalog.pg_class c JOIN "
                             "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND "
                             "c.relname = 'baton_progress'",
                             PgParameters::of(schema)));
  if (found.rows() == 0 || !found.view(0, 0).starts_with(comment_start)) return {};
  const std::string_view digits = found.view(0, 0).substr(comment_start.size());
  int version = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (version <= target_version) return {};
  return fail(ErrorKind::invalid,
              fmt::format("{}: Baton's tables in schema \"{}\" are of version {}, this program knows {}: use the newer "
                          "Baton",
                          connection.shown(), schema, version, target_version));
}

Result<std::vector<PgMissing>> missing(PgConnection& connection, const std::string& schema) {
  const std::string quoted = PgConnection::quoted_name(schema);
  std::vector<PgMissing> changes;
  std::set<std::string> schemas{schema};
  if (connection.settings().schema) schemas.insert(*connection.settings().schema);  // of the tables that jobs write
  for (const std::string& name : schemas) {
    BATON_TRY(const bool there, has_schema(connection, name));
    if (!there) changes.push_back({"created schema " + name, "CREATE SCHEMA " + PgConnection::quoted_name(name)});
  }
  BATON_TRY(const PgResult found,
            connection.query("SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
                             "c.relnamespace WHERE n.nspname = $1 AND c.relname LIKE 'baton\\_%'",
                             PgParameters::of(schema)));
  const auto is_there = [&](std::string_view name) {
    for (int row = 0; row < found.rows(); ++row) {
      if (found.view(row, 0) == name) return true;
    }
    return false;
  };
  for (const PgTableText& table : pg_target_tables()) {
    if (is_there(table.name)) continue;
    changes.push_back({fmt::format("created {}", table.name), fmt::format(fmt::runtime(table.sql), quoted)});
    if (table.name != "baton_progress") continue;
    changes.back().sql += fmt::format(";\nCOMMENT ON TABLE {}.baton_progress IS {}", quoted,
                                      PgConnection::quoted_text(fmt::format("{}{}", comment_start, target_version)));
  }
  return changes;
}

}  // namespace

Result<std::vector<PgMissing>> missing_in_pg_target(PgSession& session) {
  BATON_TRY(PgConnection* const connection, session.connection());
  BATON_CHECK(check_version(*connection, session.schema()));
  return missing(*connection, session.schema());
}

Result<PgChanges> migrate_pg_target(PgSession& session, PgMigrate migrate) {
  BATON_TRY(PgConnection* const connection, session.connection());
  const std::string& schema = session.schema();
  BATON_CHECK(check_version(*connection, schema));
  BATON_TRY(std::vector<PgMissing> changes, missing(*connection, schema));
  if (changes.empty()) return PgChanges();
  std::string script;
  if (migrate == PgMigrate::never) {
    for (const PgMissing& change : changes) script += fmt::format("\n{};", change.sql);
    return fail(ErrorKind::invalid,
                fmt::format("{}: Baton's tables are missing in schema \"{}\", and `migrate: never` forbids making "
                            "them: run `baton migrate` as a role that may, or this:{}",
                            connection->shown(), schema, script));
  }
  BATON_TRY(const PgMigrationLock lock, PgMigrationLock::take(*connection));
  BATON_TRY(changes, missing(*connection, schema));  // another program may have made them meanwhile
  if (changes.empty()) return PgChanges();
  PgChanges made;
  for (PgMissing& change : changes) {
    script += change.sql + ";\n";
    made.push_back(std::move(change.what));
  }
  // One message is one transaction: all or nothing.
  BATON_TRY(const auto done, connection->script(script, PgEffect::commits));
  return made;
}

}  // namespace baton

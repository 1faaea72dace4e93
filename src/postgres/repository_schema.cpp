#include "postgres/migration_lock.h"
#include "postgres/open_executions.h"
#include "postgres/repository_tables.h"
#include "postgres/schema.h"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <set>

namespace baton {
namespace {

constexpr std::int64_t repository_version = 1;

constexpr std::string_view instance_sequence_of_6 = "batch_job_instance_seq";

// What the schema holds: the columns of each table, sequence or index of Spring Batch's and of Baton's.
struct Inventory {
  std::map<std::string, std::set<std::string>, std::less<>> relations;
  std::int64_t version = 0;  // 0 where none is recorded

  bool has(std::string_view relation) const { return relations.contains(relation); }
  bool has(std::string_view table, std::string_view column) const {
    const auto found = relations.find(table);
    return found != relations.end() && found->second.contains(std::string(column));
  }
};

Result<Inventory> take_inventory(PgConnection& connection, const PgSession& session) {
  Inventory inventory;
  BATON_TRY(const PgResult rows,
            connection.query("SELECT c.relname, a.attname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON "
                             "n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND "
                             "a.attnum > 0 AND NOT a.attisdropped WHERE n.nspname = $1 AND (c.relname LIKE 'batch\\_%' "
                             "OR c.relname LIKE 'baton\\_%')",
                             PgParameters::of(session.schema())));
  for (int row = 0; row < rows.rows(); ++row) {
    inventory.relations[rows.text(row, 0)].insert(rows.text(row, 1));
  }
  if (!inventory.has("baton_repository")) return inventory;
  BATON_TRY(const PgResult version,
            connection.query("SELECT max(schema_version) FROM " + session.table("baton_repository")));
  inventory.version = version.integer(0, 0);
  return inventory;
}

std::string upper(std::string_view name) {
  std::string text(name);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

int number(JobKeyFormat format) { return format == JobKeyFormat::spring_batch_6 ? 6 : 5; }

std::optional<JobKeyFormat> generation_of(const Inventory& inventory) {
  if (inventory.has(instance_sequence_of_6)) return JobKeyFormat::spring_batch_6;
  if (inventory.has("batch_job_seq")) return JobKeyFormat::spring_batch_5;
  return std::nullopt;
}

Status check_columns(const PgSession& session, const Inventory& inventory) {
  for (const SpringTable& table : spring_tables()) {
    if (!inventory.has(table.name)) continue;
    for (const SpringColumn& column : table.columns) {
      if (inventory.has(table.name, column.name)) continue;
      const bool of_4 = inventory.has("batch_job_execution_params", "type_cd") ||
                        (table.name == "batch_step_execution" && column.name == "create_time");
      return fail(
          ErrorKind::invalid,
          fmt::format("{}: table {} in schema \"{}\" has no column {}: {}, or name another schema in "
                      "repository.schema",
                      session.settings().shown, upper(table.name), session.schema(), upper(column.name),
                      of_4 ? "it is of Spring Batch 4; apply Spring's script "
                             "org/springframework/batch/core/migration/5.0/migration-postgresql.sql (in the jar "
                             "spring-batch-core) first"
                           : "it is not Spring Batch's; rename it"));
    }
  }
  return {};
}

// Tables of one generation are not to be written in the other one's way: the job keys differ.
Status check_generation(const PgSession& session, const Inventory& inventory, std::optional<JobKeyFormat> wanted) {
  const auto found = generation_of(inventory);
  if (!found || !wanted || found == wanted) return {};
  const std::string to_6 =
      "apply Spring's script org/springframework/batch/core/migration/6.0/migration-postgresql.sql (in the jar "
      "spring-batch-core), ";
  return fail(ErrorKind::invalid,
              fmt::format("{}: the tables in schema \"{}\" are Spring Batch {}'s (it has the sequence {}) and "
                          "repository.spring_batch says {}: {}say {} or auto, or name another schema",
                          session.settings().shown, session.schema(), number(*found),
                          upper(spring_sequences(*found).front().name), number(*wanted),
                          wanted == JobKeyFormat::spring_batch_6 ? to_6 : "", number(*found)));
}

Status check_version(const PgSession& session, const Inventory& inventory) {
  if (inventory.version <= repository_version) return {};
  return fail(ErrorKind::invalid,
              fmt::format("{}: a later version of Baton has upgraded the repository in schema \"{}\" to {}; this one "
                          "knows {}: run the later version",
                          session.settings().shown, session.schema(), inventory.version, repository_version));
}

Status check(const PgSession& session, const Inventory& inventory, std::optional<JobKeyFormat> wanted) {
  BATON_CHECK(check_version(session, inventory));
  BATON_CHECK(check_columns(session, inventory));
  return check_generation(session, inventory, wanted);
}

// What is there, where `check` has nothing against it.
Result<Inventory> checked_inventory(PgSession& session, std::optional<JobKeyFormat> wanted) {
  BATON_TRY(PgConnection* const connection, session.connection());
  BATON_TRY(Inventory inventory, take_inventory(*connection, session));
  BATON_CHECK(check(session, inventory, wanted));
  return inventory;
}

std::vector<PgMissing> missing_parts(const PgSession& session, const Inventory& inventory,
                                     std::optional<JobKeyFormat> wanted) {
  const std::string schema = PgConnection::quoted_name(session.schema());
  std::vector<PgMissing> parts;
  for (const SpringTable& table : spring_tables()) {
    if (inventory.has(table.name)) continue;
    parts.push_back({"created " + upper(table.name), create_spring_table(table, schema)});
  }
  const JobKeyFormat format = generation_of(inventory).value_or(wanted.value_or(JobKeyFormat::spring_batch_5));
  for (const SpringSequence& sequence : spring_sequences(format)) {
    if (inventory.has(sequence.name)) continue;
    parts.push_back({"created " + upper(sequence.name), create_spring_sequence(sequence, schema)});
  }
  for (const PgTableText& table : pg_repository_tables()) {
    if (inventory.has(table.name)) continue;
    parts.push_back({fmt::format("created {}", table.name), fmt::format(fmt::runtime(table.sql), schema)});
  }
  return parts;
}

std::string script_of(const std::vector<PgMissing>& parts) {
  std::string script;
  for (const PgMissing& part : parts) script += part.sql + ";\n";
  return script;
}

// One error with all statements: those for the target's tables come first, as the schema may be among them.
Status forbidden(PgSession& session, const std::vector<PgMissing>& parts) {
  const auto target = migrate_pg_target(session, PgMigrate::never);
  if (!target && (target.error().kind != ErrorKind::invalid || parts.empty())) return fail(target.error());
  if (parts.empty()) return {};
  const std::string first = target ? fmt::format(
                                         "{}: tables of the job repository are missing in schema \"{}\", and "
                                         "`migrate: never` forbids making them: run `baton migrate` as a role "
                                         "that may, or this:",
                                         session.settings().shown, session.schema())
                                   : target.error().message;
  return fail(ErrorKind::invalid, first + "\n" + script_of(parts));
}

// Whoever made the tables by hand left the row of baton_repository to us.
std::string record_version(const PgSession& session, Random& random) {
  return fmt::format(
      "INSERT INTO {} (schema_version, repository_id, applied_at) VALUES ({}, {}, clock_timestamp()) ON "
      "CONFLICT DO NOTHING",
      session.table("baton_repository"), repository_version, PgConnection::quoted_text(uuid(random)));
}

Result<PgChanges> make_missing(PgSession& session, Random& random, std::optional<JobKeyFormat> wanted) {
  BATON_TRY(PgConnection* const connection, session.connection());
  BATON_TRY(const PgMigrationLock lock, PgMigrationLock::take(*connection));
  // Another program may have done it meanwhile.
  BATON_TRY(const Inventory inventory, checked_inventory(session, wanted));
  const std::vector<PgMissing> parts = missing_parts(session, inventory, wanted);
  if (parts.empty() && inventory.version == repository_version) return PgChanges();
  // One message is one transaction: all or nothing.
  BATON_TRY(const auto done, connection->script(script_of(parts) + record_version(session, random), PgEffect::commits));
  PgChanges changes;
  for (const PgMissing& part : parts) changes.push_back(part.what);
  return changes;
}

}  // namespace

Result<bool> has_pg_repository(PgSession& session) {
  BATON_TRY(PgConnection* const connection, session.connection());
  BATON_TRY(const Inventory inventory, take_inventory(*connection, session));
  return std::all_of(pg_repository_tables().begin(), pg_repository_tables().end(),
                     [&](const PgTableText& table) { return inventory.has(table.name); });
}

Result<JobKeyFormat> pg_spring_batch_generation(PgSession& session) {
  BATON_TRY(PgConnection* const connection, session.connection());
  BATON_TRY(const Inventory inventory, take_inventory(*connection, session));
  return generation_of(inventory).value_or(JobKeyFormat::spring_batch_5);
}

Result<std::vector<PgMissing>> missing_in_pg_repository(PgSession& session, std::optional<JobKeyFormat> wanted) {
  BATON_TRY(const Inventory inventory, checked_inventory(session, wanted));
  return missing_parts(session, inventory, wanted);
}

Status check_pg_repository_schema(PgSession& session) {
  BATON_TRY(const Inventory inventory, checked_inventory(session, std::nullopt));
  const std::vector<PgMissing> parts = missing_parts(session, inventory, std::nullopt);
  if (parts.empty() && inventory.version == repository_version) return {};
  return fail(
      ErrorKind::invalid,
      fmt::format("{}: schema \"{}\" holds no job repository of this version of Baton: check repository.url and "
                  "repository.schema, or run `baton migrate`",
                  session.settings().shown, session.schema()));
}

Result<PgChanges> migrate_pg_repository(PgSession& session, PgMigrate migrate, Random& random,
                                        std::optional<JobKeyFormat> wanted) {
  BATON_TRY(const Inventory inventory, checked_inventory(session, wanted));
  const std::vector<PgMissing> parts = missing_parts(session, inventory, wanted);
  if (migrate == PgMigrate::never) BATON_CHECK(forbidden(session, parts));
  PgChanges changes;
  if (migrate == PgMigrate::automatic) {
    BATON_TRY(changes, migrate_pg_target(session, migrate));
  }
  if (!parts.empty() || inventory.version < repository_version) {
    BATON_TRY(const PgChanges made, make_missing(session, random, wanted));
    changes.insert(changes.end(), made.begin(), made.end());
  }
  BATON_CHECK(check_executions(session));
  return changes;
}

}  // namespace baton

#include "postgres/schema_facts.h"

#include "postgres/lease_table.h"
#include "postgres/repository_tables.h"
#include "postgres/table_privileges.h"

#include <fmt/format.h>
#include <algorithm>
#include <map>

namespace baton {
namespace {

using Privileges = std::vector<std::string>;

Status note_schema(PgConnection& connection, PgSchemaFacts& facts) {
  BATON_TRY(const PgResult row,
            connection.query("SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1), "
                             "has_database_privilege(current_database(), 'CREATE')",
                             PgParameters::of(facts.schema)));
  facts.exists = row.boolean(0, 0);
  facts.may_make_schema = row.boolean(0, 1);
  return {};
}

Status note_missing_leases(PgConnection& connection, PgSchemaFacts& facts) {
  const PgLeaseTable table(facts.schema);
  BATON_TRY(const PgResult row, connection.query("SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL",
                                                 PgParameters::of(table.leases(), table.store())));
  if (row.boolean(0, 0)) return {};
  if (!facts.exists) {
    facts.missing.push_back(
        {"created schema " + facts.schema, "CREATE SCHEMA " + PgConnection::quoted_name(facts.schema)});
  }
  facts.missing.push_back({"created the tables of leases", table.ddl()});
  return {};
}

PgNeed on_table(const PgSession& session, std::string_view name, const Privileges& privileges) {
  return {PgNeed::On::table, session.table(name), on_the_whole(privileges)};
}

std::vector<PgNeed> needs_of_target(const PgSession& session) {
  return {on_table(session, "baton_fence", {"SELECT", "INSERT", "UPDATE"}),
          on_table(session, "baton_progress", {"SELECT", "INSERT", "UPDATE", "DELETE"}),
          on_table(session, "baton_reject", {"SELECT", "INSERT", "DELETE"})};
}

// PgTraces and PgRetention lock what they delete, which takes the right to change it.
void add_needs_of_retention(const PgSession& session, const RetentionAges& kept, PgTablesOf of,
                            std::vector<PgNeed>& needs) {
  const auto add = [&](std::string_view name, std::string privilege) {
    const std::string table = session.table(name);
    const auto need = std::find_if(needs.begin(), needs.end(), [&](const PgNeed& one) { return one.object == table; });
    if (need != needs.end()) need->privileges.push_back({std::move(privilege), {}});
  };
  if (kept.executions || kept.rejects) add("baton_reject", "UPDATE");
  if (!kept.executions || of != PgTablesOf::repository) return;
  for (const SpringTable& table : spring_tables()) add(table.name, "DELETE");
  for (const char* table : {"baton_execution", "baton_alert"}) add(table, "DELETE");
}

void add_needs_of_repository(const PgSession& session, JobKeyFormat generation, std::vector<PgNeed>& needs) {
  for (const char* table : {"batch_job_instance", "batch_job_execution", "batch_step_execution"}) {
    needs.push_back(on_table(session, table, {"SELECT", "INSERT", "UPDATE"}));
  }
  for (const char* table : {"batch_job_execution_params", "batch_job_execution_context", "batch_step_execution_context",
                            "baton_job_database"}) {
    needs.push_back(on_table(session, table, {"SELECT", "INSERT"}));
  }
  for (const SpringSequence& sequence : spring_sequences(generation)) {
    needs.push_back({PgNeed::On::sequence, session.table(sequence.name), on_the_whole({"USAGE"})});
  }
  for (const char* table : {"baton_repository", "baton_job", "baton_execution"}) {
    needs.push_back(on_table(session, table, {"SELECT", "INSERT", "UPDATE"}));
  }
  needs.push_back(on_table(session, "baton_replica", {"SELECT", "INSERT", "UPDATE", "DELETE"}));
  needs.push_back(on_table(session, "baton_alert", {"SELECT", "INSERT", "UPDATE"}));
  needs.push_back(on_table(session, "baton_monitor", {"SELECT", "INSERT", "UPDATE"}));
}

std::vector<PgNeed> needs_of_leases(const std::string& schema) {
  const PgLeaseTable table(schema);
  return {{PgNeed::On::table, table.leases(), on_the_whole({"SELECT", "INSERT", "UPDATE"})},
          {PgNeed::On::table, table.store(), on_the_whole({"SELECT"})}};
}

// For each table of a schema the columns of its indexes, in order.
using Indexes = std::multimap<std::string, std::vector<std::string>, std::less<>>;

Result<Indexes> read_indexes(PgConnection& connection, const std::string& schema) {
  BATON_TRY(const PgResult rows,
            connection.query("SELECT t.relname, i.indexrelid, a.attname FROM pg_catalog.pg_index i JOIN "
                             "pg_catalog.pg_class t ON t.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = "
                             "t.relnamespace CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, "
                             "place) JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum "
                             "WHERE n.nspname = $1 AND t.relname LIKE 'batch\\_%' AND i.indisvalid AND i.indpred IS "
                             "NULL ORDER BY i.indexrelid, k.place",
                             PgParameters::of(schema)));
  Indexes indexes;
  auto last = indexes.end();
  for (int row = 0; row < rows.rows(); ++row) {
    if (row == 0 || rows.view(row, 1) != rows.view(row - 1, 1)) {
      last = indexes.emplace(rows.text(row, 0), std::vector<std::string>());
    }
    last->second.push_back(rows.text(row, 2));
  }
  return indexes;
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::size_t comma = list.find(", ");
    names.emplace_back(list.substr(0, comma));
    list.remove_prefix(comma == list.npos ? list.size() : comma + 2);
  }
  return names;
}

// One that begins with these columns.
bool has_index(const Indexes& indexes, const SpringTable& table) {
  const std::vector<std::string> wanted = split(table.indexed);
  const auto [first, end] = indexes.equal_range(table.name);
  return std::any_of(first, end, [&](const auto& index) {
    return index.second.size() >= wanted.size() && std::equal(wanted.begin(), wanted.end(), index.second.begin());
  });
}

}  // namespace

Result<PgSchemaFacts> read_pg_schema(PgSession& session, PgTablesOf of, std::optional<JobKeyFormat> wanted,
                                     const RetentionAges& kept) {
  BATON_TRY(PgConnection* const connection, session.connection());
  PgSchemaFacts facts;
  facts.schema = session.schema();
  BATON_CHECK(note_schema(*connection, facts));
  std::vector<PgNeed> needs;
  if (of == PgTablesOf::leases) {
    BATON_CHECK(note_missing_leases(*connection, facts));
    needs = needs_of_leases(facts.schema);
  } else {
    BATON_TRY(facts.missing, missing_in_pg_target(session));
    needs = needs_of_target(session);
  }
  if (of == PgTablesOf::repository) {
    BATON_TRY(const std::vector<PgMissing> more, missing_in_pg_repository(session, wanted));
    facts.missing.insert(facts.missing.end(), more.begin(), more.end());
    BATON_TRY(const JobKeyFormat generation, pg_spring_batch_generation(session));
    add_needs_of_repository(session, generation, needs);
  }
  add_needs_of_retention(session, kept, of, needs);
  Privileges on_schema{"USAGE"};
  if (!facts.missing.empty()) on_schema.emplace_back("CREATE");
  needs.insert(needs.begin(), {PgNeed::On::schema, PgConnection::quoted_name(facts.schema), on_the_whole(on_schema)});
  if (!facts.exists) needs.push_back({PgNeed::On::database, "", on_the_whole({"CREATE"})});
  BATON_TRY(facts.missing_grants, missing_grants(*connection, needs));
  return facts;
}

Result<PgSearchedSchema> read_pg_searched_schema(PgConnection& connection, const std::string& schema) {
  BATON_TRY(const PgResult row,
            connection.query("SELECT has_schema_privilege(oid, 'USAGE') FROM pg_catalog.pg_namespace WHERE nspname = "
                             "$1",
                             PgParameters::of(schema)));
  if (row.rows() == 0) return PgSearchedSchema();
  return PgSearchedSchema{true, row.boolean(0, 0)};
}

Result<PgSpringFacts> read_pg_spring(PgSession& session) {
  BATON_TRY(PgConnection* const connection, session.connection());
  PgSpringFacts facts;
  BATON_TRY(facts.generation, pg_spring_batch_generation(session));
  BATON_TRY(const Indexes indexes, read_indexes(*connection, session.schema()));
  BATON_TRY(const PgResult tables,
            connection->query("SELECT c.relname, greatest(c.reltuples, 0)::bigint, EXISTS (SELECT FROM "
                              "pg_catalog.pg_class i WHERE i.relnamespace = c.relnamespace AND i.relname = 'baton_' || "
                              "c.relname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
                              "c.relnamespace WHERE n.nspname = $1 AND c.relname LIKE 'batch\\_%' AND c.relkind IN "
                              "('r', 'p')",
                              PgParameters::of(session.schema())));
  const std::string schema = PgConnection::quoted_name(session.schema());
  for (const SpringTable& table : spring_tables()) {
    for (int row = 0; row < tables.rows(); ++row) {
      if (tables.view(row, 0) != table.name) continue;
      ++facts.tables;
      if (table.name == "batch_job_execution") facts.job_executions = tables.integer(row, 1);
      if (table.indexed.empty()) continue;
      if (!tables.boolean(row, 2)) facts.adopted = true;
      if (has_index(indexes, table)) continue;
      facts.recommended.push_back(fmt::format("CREATE INDEX ON {}.{} ({})", schema, table.name, table.indexed));
    }
  }
  return facts;
}

}  // namespace baton

// Writes into one table of a PostgreSQL database: COPY BINARY, encoded by the target's column types, else text COPY.
#pragma once

#include "data/writer.h"
#include "postgres/session.h"

#include <memory>
#include <string>
#include <vector>

namespace baton {

// A writer on `session`, which outlives it and on which the caller opens and commits transactions. `step` is
// "job/step", with which messages begin. A name without a schema is looked up as the session's search_path says.
std::unique_ptr<TableWriter> make_pg_table_writer(PgSession& session, TableSpec spec, std::string step);

// Whether the table's policies apply to the session's role.
enum class PgRowSecurity {
  none,
  applies,
  refuses_all,  // no policy lets the role insert anything
};

// What `baton plan` says of a write: made without changing anything.
struct PgTablePlanReport {
  std::string table;  // schema-qualified
  bool will_create = false;
  std::string create_sql;  // where it will be created
  bool binary = true;
  std::string text_reason;  // which column's type has no binary encoder, where it is not
  std::vector<std::pair<std::string, std::string>> encoders;  // column → "int8", "numeric(12,2)", …
  std::vector<std::string> native_forms;  // of these columns: in which each is taken as it is; empty for none
  std::string way;  // of the rows into the table: "COPY into it", "COPY into a temporary table, then …"
  std::vector<std::string> indexes;   // that will slow the load down, with a word on why
  std::vector<std::string> triggers;  // and foreign keys
  PgRowSecurity row_security = PgRowSecurity::none;
  std::vector<std::string> missing_grants;  // the statements that give the role what it lacks
};

// For the columns that arrive; empty: all that the target can take. A schema that migrate_pg_target would make counts
// as there.
Result<PgTablePlanReport> plan_pg_table(PgSession& session, const TableSpec& spec,
                                        const std::vector<std::string>& inputs);

}  // namespace baton

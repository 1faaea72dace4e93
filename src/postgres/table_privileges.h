// What a role needs for a write, and what of it is not granted.
#pragma once

#include "data/writer.h"
#include "postgres/connection.h"
#include "postgres/table_plan.h"

#include <string>
#include <vector>

namespace baton {

struct PgPrivilege {
  std::string name;                  // "INSERT"
  std::vector<std::string> columns;  // of a table; empty: all of them
};

// Privileges on one object, all of which are needed.
struct PgNeed {
  enum class On { database, schema, table, sequence };

  On on = On::table;
  std::string object;  // quoted for SQL; empty: the session's database
  std::vector<PgPrivilege> privileges;
};

std::vector<PgPrivilege> on_the_whole(const std::vector<std::string>& names);

// `plan` is of `target`; `tables` is the schema of Baton's own tables, where staging tables are made.
std::vector<PgNeed> needs_of_write(const TableSpec& spec, const PgTablePlan& plan, const PgTarget& target,
                                   const std::string& tables);

// A GRANT for each object on which the session's role lacks something; what is not there is left out. Of a table it is
// for the columns that lack it, where others have it.
Result<std::vector<std::string>> missing_grants(PgConnection& connection, const std::vector<PgNeed>& needs);

// The same for sequences from which columns that do not arrive take their default.
Result<std::vector<std::string>> missing_sequence_grants(PgConnection& connection, const PgTablePlan& plan,
                                                         const PgTarget& target);

}  // namespace baton

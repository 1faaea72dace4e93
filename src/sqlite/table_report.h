// What `baton plan` says of a write into a SQLite file.
#pragma once

#include "data/writer.h"
#include "sqlite/connection.h"

#include <string>
#include <utility>
#include <vector>

namespace baton {

struct SqliteTableReport {
  std::string table;
  std::string create_sql;                                     // where it will be created
  std::vector<std::pair<std::string, std::string>> encoders;  // column → "numeric(15,2), as REAL"
  std::string way;                                            // of the rows into the table
  std::vector<std::string> indexes;                           // that slow the load down, with a word on why
  std::vector<std::string> triggers;
};

// For the columns that arrive; empty: all that the target can take. Null: the file is not there yet.
Result<SqliteTableReport> plan_sqlite_table(SqliteConnection* connection, const TableSpec& spec,
                                            const std::vector<std::string>& inputs);

}  // namespace baton

// A table's name as a value, and as people write it.
#pragma once

#include "baton/result.h"

#include <string>

namespace baton {

struct PgTableName {
  std::string schema;  // empty: the session's search_path says
  std::string table;

  friend bool operator==(const PgTableName&, const PgTableName&) = default;
};

// "table" or "schema.table". Letters count as they are written. A part that contains a dot, or begins with a double
// quote, is written in double quotes, with " as "". `invalid` for another dot or a quote that does not end.
Result<PgTableName> pg_table_name(const std::string& written);

// That pg_table_name reads as the same: with quotes only where it needs them.
std::string to_text(const PgTableName& name);

// For SQL.
std::string quoted(const PgTableName& name);

}  // namespace baton

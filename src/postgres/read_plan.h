// What a read.table or read.query asks the server for.
#pragma once

#include "postgres/binary_rows.h"
#include "postgres/connection.h"
#include "postgres/table_reader.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace baton {

using PgKey = std::vector<std::string>;  // the key's values as the server writes them

struct PgReadPlan {
  std::string from;  // the table, or the query as a subselect
  std::vector<std::string> columns;
  std::vector<std::uint32_t> types;  // OIDs
  std::vector<PgReadColumn> forms;   // for COPY in binary format; nothing is native yet
  std::vector<std::size_t> key;      // places in columns; empty: one pass without order
  std::string source;                // database and table or query: the input's name for good
  std::string key_types;             // "id integer, name text COLLATE …"
};

// Looks the table up, or has the query described. `invalid`, with the next step: no such table, columns of the same
// name, a key that is not among the columns, of a table without a unique index over it or that may be NULL, of a query
// with a NULL in it.
Result<PgReadPlan> plan_pg_read(PgConnection& connection, const PgReadSpec& spec);

// COPY … TO STDOUT of the rows in order of the key: from `last` on, up to `until`, at most `rows`. With `last` each row
// has a further field, "t" in those whose key is `last`. Without a key: of all rows.
std::string pg_page_sql(const PgReadPlan& plan, const PgKey* last, const PgKey* until, std::size_t rows);

// The same in binary format, with these columns.
std::string pg_binary_page_sql(const PgReadPlan& plan, const std::vector<PgReadColumn>& columns, const PgKey* last,
                               const PgKey* until, std::size_t rows);

// JSON for Position::key and back; `internal` for a text that is none.
std::string to_text(const PgKey& key);
Result<PgKey> pg_key_from(const std::string& text);

}  // namespace baton

// Reads a table or a query of a PostgreSQL database as a load step's input.
#pragma once

#include "baton/reader.h"
#include "postgres/settings.h"

#include <memory>
#include <string>
#include <vector>

namespace baton {

struct PgReadSpec {
  std::string connection;        // for messages
  std::string table;             // of `read.table`, may be schema-qualified; empty: `sql`
  std::string sql;               // of `read.query`: one SELECT
  std::vector<std::string> key;  // unique and not NULL: pages by key, restartable; empty: one snapshot cursor
};

// With a key: pages of `WHERE (key) > (last) ORDER BY key`, each in a transaction of its own; a restart goes on after
// the last key (Position::key). Without: one cursor of one REPEATABLE READ transaction; it cannot be resumed
// (`invalid`). `step` is "job/step", with which messages begin. It has a session of its own.
std::unique_ptr<Reader> make_pg_reader(PgSettings settings, PgReadSpec spec, std::string step);

}  // namespace baton

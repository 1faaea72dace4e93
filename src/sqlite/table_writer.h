// Writes into one table of a SQLite file: append, upsert, replace by a swap, mirror.
#pragma once

#include "baton/result.h"
#include "data/writer.h"
#include "sqlite/connection.h"

#include <memory>
#include <string>

namespace baton {

// A writer on `connection`, which outlives it and on which the caller opens and commits transactions. `step` is
// "job/step", with which messages begin. bind() sets the connection's foreign_keys, a setting that SQLite ignores
// inside a transaction: call it outside of one, and let one writer at a time use the connection. foreign_keys is on but
// for replace, and for mirror of a table that refers to itself: there the closing chunk checks them. A table to be
// created is STRICT. Only the schema main is written to.
std::unique_ptr<TableWriter> make_sqlite_table_writer(SqliteConnection& connection, TableSpec spec, std::string step);

// Settings of the connection that make bulk writing fast; none of them outlives it or makes a commit less durable than
// WAL with synchronous = NORMAL. Call it after opening, outside of a transaction.
Status tune_for_writing(SqliteConnection& connection);

}  // namespace baton

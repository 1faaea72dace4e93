// Reads a table or a query of a SQLite file as a load step's input.
#pragma once

#include "baton/reader.h"

#include <memory>
#include <string>
#include <vector>

namespace baton {

struct SqliteReadSpec {
  std::string connection;        // for messages
  std::string path;              // of the file
  std::string table;             // of `read.table`; empty: `sql`
  std::string sql;               // of `read.query`: one SELECT
  std::vector<std::string> key;  // unique and not NULL: pages by key, restartable; empty: one snapshot
  bool look_only = false;        // open() tells the columns, nothing is read, and no file is made beside the database
};

// With a key: pages in its order, each a snapshot of its own; a restart goes on after the last key (Position::key).
// Without: one snapshot; it cannot be resumed (`invalid`). `step` is "job/step", with which messages begin. It has a
// connection of its own, which changes nothing.
std::unique_ptr<Reader> make_sqlite_reader(SqliteReadSpec spec, std::string step);

}  // namespace baton

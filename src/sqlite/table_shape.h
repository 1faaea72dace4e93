// What an existing SQLite table is like: its columns, unique keys, indexes and triggers.
#pragma once

#include "baton/result.h"
#include "data/column_type.h"
#include "sqlite/connection.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

// Which form SQLite gives a value (https://www.sqlite.org/datatype3.html, 3.1); `any` is a STRICT table's ANY.
enum class Affinity { integer, real, numeric, text, blob, any };

Affinity affinity_of(std::string_view declared);

struct ShapeColumn {
  std::string name;
  std::string declared;  // as the table spells it
  ColumnType type;       // SQLite's INTEGER has 64 bits and its REAL 8 bytes; `other` where unknown
  Affinity affinity = Affinity::blob;
  bool needs_value = false;  // NOT NULL without a default
};

struct ShapeIndex {
  std::string name;
  std::string sql;
  bool unique = false;
};

struct TableShape {
  std::string name;  // as the schema spells it
  std::string sql;
  bool strict = false;
  bool is_virtual = false;
  bool refers_to_itself = false;                      // by a foreign key
  std::vector<ShapeColumn> columns;                   // without generated and hidden ones
  std::vector<std::vector<std::string>> unique_keys;  // of PRIMARY KEY and of whole UNIQUE indexes
  std::vector<ShapeIndex> indexes;                    // those made by CREATE INDEX
  std::vector<std::string> triggers;                  // their CREATE statements
};

// Looks into schema main; names are compared as SQLite does. Empty where there is no such table. `invalid` for a view.
Result<std::optional<TableShape>> read_table_shape(SqliteConnection& connection, const std::string& name);

// Equal but for the case of ASCII letters: how SQLite compares names.
bool same_name(std::string_view a, std::string_view b);

// Whether the table has a unique key over exactly these columns, in any order.
bool has_unique_key(const TableShape& shape, const std::vector<std::string>& key);

}  // namespace baton

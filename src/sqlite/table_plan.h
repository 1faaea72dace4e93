// How the columns that arrive go into a target table: pure decisions over the table's shape and the configuration.
#pragma once

#include "baton/result.h"
#include "data/column_type.h"
#include "data/writer.h"
#include "sqlite/table_shape.h"

#include <optional>
#include <string>
#include <vector>

namespace baton {

// The form in which a value is handed to SQLite.
enum class StoredForm : std::uint8_t { integer, real, numeric, text, blob };

struct TargetColumn {
  std::string name;  // as the table spells it
  ColumnType type;   // what values are checked against
  StoredForm form = StoredForm::text;
  bool rounds = false;         // the configuration declares it: numeric values are rounded to its scale
  bool is_key = false;         // NULL is refused
  bool empty_is_text = false;  // an empty text field is '', else NULL
};

struct TablePlan {
  std::string table;                  // in schema main
  std::vector<TargetColumn> columns;  // those that arrive, in their order
  std::vector<std::string> key;
  std::string create_sql;  // empty where the table exists
};

// The table's name without the schema: "main.t" and "t" are t.
std::string table_name(const TableSpec& spec);

// The columns that the target can take, as TableWriter::columns promises.
Result<std::vector<std::string>> takeable_columns(const TableSpec& spec, const std::optional<TableShape>& shape);

// TableWriter::bind's decisions. Messages begin with "connection, table".
Result<TablePlan> plan_table(const TableSpec& spec, const std::optional<TableShape>& shape,
                             const std::vector<std::string>& inputs);

// "a, b": quoted for SQL, or as they are for people.
std::string sql_list(const std::vector<std::string>& names);
std::string people_list(const std::vector<std::string>& names);

}  // namespace baton

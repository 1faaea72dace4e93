#include "sqlite/table_shape.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

ColumnType type_of(const std::string& declared) {
  auto parsed = parse_column_type(declared);
  if (!parsed) return {};
  ColumnType type = *parsed;
  const bool is_sqlite_integer = same_name(declared, "integer") || same_name(declared, "int");
  if (is_sqlite_integer) type.kind = TypeKind::bigint;
  if (type.kind == TypeKind::real) type.kind = TypeKind::double_precision;
  return type;
}

Status read_columns(SqliteConnection& connection, TableShape& shape, bool has_rowid) {
  BATON_TRY(SqliteStatement * columns,
            connection.prepare("SELECT name, type, \"notnull\", dflt_value IS NOT NULL, pk, hidden "
                               "FROM pragma_table_xinfo(?1, 'main') ORDER BY cid"));
  columns->bind(1, std::string_view(shape.name));
  std::vector<std::string> primary_key;
  while (true) {
    BATON_TRY(const bool row, columns->step());
    if (!row) break;
    const std::int64_t place_in_key = columns->integer(4);
    ShapeColumn column;
    column.name = columns->text(0);
    column.declared = columns->text(1);
    column.type = type_of(column.declared);
    column.affinity = affinity_of(column.declared);
    if (shape.strict && same_name(column.declared, "any")) column.affinity = Affinity::any;
    column.needs_value = columns->integer(2) != 0 && columns->integer(3) == 0;
    if (place_in_key > 0) primary_key.push_back(column.name);
    if (columns->integer(5) == 0) shape.columns.push_back(std::move(column));
  }
  for (ShapeColumn& column : shape.columns) {
    const bool alone = primary_key.size() == 1 && primary_key.front() == column.name;
    // Another name of the rowid, which SQLite gives.
    if (alone && has_rowid && same_name(column.declared, "integer")) column.needs_value = false;
  }
  if (!primary_key.empty()) shape.unique_keys.push_back(std::move(primary_key));
  return {};
}

Status read_unique_keys(SqliteConnection& connection, TableShape& shape) {
  BATON_TRY(SqliteStatement * keys,
            connection.prepare("SELECT l.name, x.name FROM pragma_index_list(?1, 'main') l, "
                               "pragma_index_xinfo(l.name, 'main') x "
                               "WHERE l.\"unique\" AND NOT l.partial AND l.origin <> 'pk' AND x.key "
                               "ORDER BY l.seq, x.seqno"));
  keys->bind(1, std::string_view(shape.name));
  std::string index;
  std::vector<std::string> columns;
  bool on_expression = false;
  const auto keep = [&] {
    if (!columns.empty() && !on_expression) shape.unique_keys.push_back(columns);
    columns.clear();
    on_expression = false;
  };
  while (true) {
    BATON_TRY(const bool row, keys->step());
    if (!row) break;
    if (keys->text(0) != index) keep();
    index = keys->text(0);
    on_expression = on_expression || keys->is_null(1);
    columns.push_back(keys->text(1));
  }
  keep();
  return {};
}

Status read_dependants(SqliteConnection& connection, TableShape& shape) {
  BATON_TRY(SqliteStatement * rows,
            connection.prepare("SELECT type, name, sql FROM main.sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE "
                               "AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid"));
  rows->bind(1, std::string_view(shape.name));
  while (true) {
    BATON_TRY(const bool row, rows->step());
    if (!row) break;
    const std::string sql = rows->text(2);
    if (rows->text(0) == "trigger") {
      shape.triggers.push_back(sql);
    } else {
      // sqlite_schema keeps the text as "CREATE UNIQUE INDEX …" with just this spacing.
      shape.indexes.push_back({rows->text(1), sql, sql.starts_with("CREATE UNIQUE")});
    }
  }
  BATON_TRY(
      SqliteStatement * self,
      connection.prepare("SELECT 1 FROM pragma_foreign_key_list(?1, 'main') WHERE \"table\" = ?1 COLLATE NOCASE"));
  self->bind(1, std::string_view(shape.name));
  BATON_TRY(shape.refers_to_itself, self->step());
  self->reset();
  return {};
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return upper(x) == upper(y); });
}

Affinity affinity_of(std::string_view declared) {
  std::string type;
  for (const char c : declared) type += upper(c);
  const auto has = [&](std::string_view part) { return type.find(part) != std::string::npos; };
  if (has("INT")) return Affinity::integer;
  if (has("CHAR") || has("CLOB") || has("TEXT")) return Affinity::text;
  if (type.empty() || has("BLOB")) return Affinity::blob;
  if (has("REAL") || has("FLOA") || has("DOUB")) return Affinity::real;
  return Affinity::numeric;
}

Result<std::optional<TableShape>> read_table_shape(SqliteConnection& connection, const std::string& name) {
  BATON_TRY(SqliteStatement * found,
            connection.prepare("SELECT l.name, l.type, l.strict, s.sql, l.wr FROM pragma_table_list l JOIN "
                               "main.sqlite_schema s ON s.name = l.name AND s.type IN ('table', 'view') "
                               "WHERE l.schema = 'main' AND l.name = ?1 COLLATE NOCASE"));
  found->bind(1, std::string_view(name));
  BATON_TRY(const bool row, found->step());
  if (!row) return std::optional<TableShape>();
  TableShape shape;
  shape.name = found->text(0);
  const std::string kind = found->text(1);
  shape.strict = found->integer(2) != 0;
  shape.sql = found->text(3);
  const bool has_rowid = found->integer(4) == 0;
  found->reset();
  if (kind == "view") {
    return fail(ErrorKind::invalid, fmt::format("\"{}\" is a view: name the table that rows are to go to", shape.name));
  }
  shape.is_virtual = kind == "virtual";
  BATON_CHECK(read_columns(connection, shape, has_rowid));
  BATON_CHECK(read_unique_keys(connection, shape));
  BATON_CHECK(read_dependants(connection, shape));
  return std::optional(std::move(shape));
}

bool has_unique_key(const TableShape& shape, const std::vector<std::string>& key) {
  return std::any_of(shape.unique_keys.begin(), shape.unique_keys.end(), [&](const std::vector<std::string>& columns) {
    return columns.size() == key.size() && std::all_of(columns.begin(), columns.end(), [&](const std::string& column) {
             return std::any_of(key.begin(), key.end(), [&](const std::string& k) { return same_name(k, column); });
           });
  });
}

}  // namespace baton

#include "sqlite/table_staging.h"

#include "sqlite/table_definition.h"

#include <fmt/format.h>
#include <map>
#include <optional>

namespace baton {
namespace {

// While it lives ALTER TABLE … RENAME leaves views, triggers and foreign keys alone
// (https://www.sqlite.org/pragma.html#pragma_legacy_alter_table).
class PlainRename {
 public:
  explicit PlainRename(SqliteConnection& connection) : connection_(connection) { set("ON"); }
  PlainRename(const PlainRename&) = delete;
  PlainRename& operator=(const PlainRename&) = delete;
  ~PlainRename() { set("OFF"); }

 private:
  void set(const char* value) {
    const auto ignored = connection_.execute(fmt::format("PRAGMA legacy_alter_table = {}", value));
    static_cast<void>(ignored);  // a flag of the connection: cannot fail
  }

  SqliteConnection& connection_;
};

Result<std::vector<std::string>> read_names(SqliteConnection& connection, const std::string& sql,
                                            const std::string& argument) {
  BATON_TRY(SqliteStatement * rows, connection.prepare(sql));
  rows->bind(1, std::string_view(argument));
  std::vector<std::string> names;
  while (true) {
    BATON_TRY(const bool row, rows->step());
    if (!row) return names;
    names.push_back(rows->text(0));
  }
}

// Tables other than `table` that refer to it.
Result<std::vector<std::string>> children_of(SqliteConnection& connection, const std::string& table) {
  return read_names(connection,
                    "SELECT DISTINCT m.name FROM main.sqlite_schema m, pragma_foreign_key_list(m.name, 'main') f "
                    "WHERE m.type = 'table' AND f.\"table\" = ?1 COLLATE NOCASE AND m.name <> ?1 COLLATE NOCASE",
                    table);
}

struct Broken {
  std::int64_t count = 0;
  std::string first;  // for people
};

Result<Broken> broken_keys(SqliteConnection& connection, const std::string& table) {
  BATON_TRY(SqliteStatement * rows,
            connection.prepare(fmt::format("PRAGMA main.foreign_key_check({})", quote_identifier(table))));
  Broken broken;
  while (true) {
    BATON_TRY(const bool row, rows->step());
    if (!row) return broken;
    if (broken.count++ > 0) continue;
    const std::string which = rows->is_null(1) ? "a row" : fmt::format("the row with rowid {}", rows->integer(1));
    broken.first = fmt::format("{} of {} refers to a row that {} lacks", which, table, rows->text(2));
  }
}

// How many foreign keys of each table lead nowhere.
Result<std::map<std::string, Broken>> broken_in(SqliteConnection& connection, const std::vector<std::string>& tables) {
  std::map<std::string, Broken> counts;
  for (const std::string& table : tables) {
    BATON_TRY(counts[table], broken_keys(connection, table));
  }
  return counts;
}

Result<bool> has_sequences(SqliteConnection& connection) {
  BATON_TRY(const auto names,
            read_names(connection, "SELECT name FROM main.sqlite_schema WHERE name = ?1", "sqlite_sequence"));
  return !names.empty();
}

// The last number that AUTOINCREMENT gave in a table.
Result<std::optional<std::int64_t>> read_sequence(SqliteConnection& connection, const std::string& table) {
  BATON_TRY(const bool any, has_sequences(connection));
  if (!any) return std::optional<std::int64_t>();
  BATON_TRY(SqliteStatement * row, connection.prepare("SELECT seq FROM main.sqlite_sequence WHERE name = ?1"));
  row->bind(1, std::string_view(table));
  BATON_TRY(const bool found, row->step());
  const auto number = found ? std::optional(row->integer(0)) : std::nullopt;
  row->reset();
  return number;
}

Status raise_sequence(SqliteConnection& connection, const std::string& table, std::int64_t number) {
  BATON_TRY(SqliteStatement * update,
            connection.prepare("UPDATE main.sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1"));
  BATON_CHECK(update->bind(1, std::string_view(table)).bind(2, number).run());
  if (connection.changes() > 0) return {};
  BATON_TRY(SqliteStatement * insert, connection.prepare("INSERT INTO main.sqlite_sequence(name, seq) VALUES(?1, ?2)"));
  return insert->bind(1, std::string_view(table)).bind(2, number).run();
}

// The staging must still be what create_staging would make: else the swap would undo somebody's ALTER TABLE.
Status check_unchanged(SqliteConnection& connection, const TableShape& target, const std::string& staging) {
  BATON_TRY(const auto shape, read_table_shape(connection, staging));
  if (!shape) return fail(ErrorKind::invalid, fmt::format("the staging table {} is gone", staging));
  BATON_TRY(const std::string expected, renamed_table(target.sql, staging));
  BATON_TRY(const std::string actual, renamed_table(shape->sql, staging));
  if (expected == actual) return {};
  return fail(ErrorKind::invalid, fmt::format("table {} was altered while its new content was loaded: abandon the run "
                                              "and start another",
                                              target.name));
}

Status check_foreign_keys_off(SqliteConnection& connection) {
  BATON_TRY(SqliteStatement * setting, connection.prepare("PRAGMA foreign_keys"));
  BATON_TRY(const bool row, setting->step());
  const bool on = row && setting->integer(0) != 0;
  setting->reset();
  if (on) return fail(ErrorKind::internal, "foreign_keys is on: dropping the old table would delete its children");
  return {};
}

Status restore_dependants(SqliteConnection& connection, const TableShape& target) {
  for (const ShapeIndex& index : target.indexes) {
    BATON_TRY(const std::string sql, renamed_index(index.sql, index.name, target.name));
    BATON_CHECK(connection.execute(sql));
  }
  for (const std::string& trigger : target.triggers) BATON_CHECK(connection.execute(trigger));
  return {};
}

Status drop_created_indexes(SqliteConnection& connection, const std::string& table) {
  BATON_TRY(const auto indexes,
            read_names(connection,
                       "SELECT name FROM main.sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?1",
                       table));
  for (const std::string& index : indexes) {
    BATON_CHECK(connection.execute(fmt::format("DROP INDEX main.{}", quote_identifier(index))));
  }
  return {};
}

std::vector<std::string> column_names(const TablePlan& plan) {
  std::vector<std::string> names;
  for (const TargetColumn& column : plan.columns) names.push_back(column.name);
  return names;
}

}  // namespace

std::string staging_name(const std::string& repository_id, std::int64_t instance, const std::string& table) {
  constexpr std::size_t enough_to_differ = 8;
  return fmt::format("baton_stage_{}_{}_{}", repository_id.substr(0, enough_to_differ), instance, table);
}

Status create_staging(SqliteConnection& connection, const TableShape& target, const std::vector<std::string>& key,
                      const std::string& staging) {
  BATON_TRY(const std::string sql, renamed_table(target.sql, staging));
  BATON_CHECK(connection.execute(sql));
  for (const ShapeIndex& index : target.indexes) {
    if (!index.unique) continue;
    BATON_TRY(const std::string index_sql, renamed_index(index.sql, staging + "_" + index.name, staging));
    BATON_CHECK(connection.execute(index_sql));
  }
  if (!key.empty() && !has_unique_key(target, key)) {
    BATON_CHECK(
        connection.execute(fmt::format("CREATE UNIQUE INDEX main.{} ON {}({})", quote_identifier(staging + "_key"),
                                       quote_identifier(staging), sql_list(key))));
  }
  BATON_TRY(const auto number, read_sequence(connection, target.name));
  return number ? raise_sequence(connection, staging, *number) : Status();
}

Status drop_staging(SqliteConnection& connection, const std::string& staging) {
  return connection.execute(fmt::format("DROP TABLE IF EXISTS main.{}", quote_identifier(staging)));
}

// The steps of https://www.sqlite.org/lang_altertable.html, 7, with the new table filled before.
Status swap_staging(SqliteConnection& connection, const std::string& table, const std::string& staging) {
  BATON_CHECK(check_foreign_keys_off(connection));
  BATON_TRY(const auto target, read_table_shape(connection, table));
  if (!target) return fail(ErrorKind::invalid, fmt::format("table {} was dropped: abandon the run", table));
  BATON_CHECK(check_unchanged(connection, *target, staging));
  BATON_TRY(auto children, children_of(connection, target->name));
  std::erase(children, staging);  // refers to the target where the target refers to itself
  BATON_TRY(const auto broken_before, broken_in(connection, children));
  BATON_TRY(const auto number, read_sequence(connection, target->name));
  BATON_CHECK(drop_created_indexes(connection, staging));
  BATON_CHECK(connection.execute(fmt::format("DROP TABLE main.{}", quote_identifier(target->name))));
  {
    const PlainRename plain(connection);
    BATON_CHECK(connection.execute(
        fmt::format("ALTER TABLE main.{} RENAME TO {}", quote_identifier(staging), quote_identifier(target->name))));
  }
  BATON_CHECK(restore_dependants(connection, *target));
  if (number) BATON_CHECK(raise_sequence(connection, target->name, *number));
  BATON_CHECK(check_foreign_keys(connection, target->name));
  BATON_TRY(const auto broken_after, broken_in(connection, children));
  for (const auto& [child, broken] : broken_after) {
    if (broken.count <= broken_before.at(child).count) continue;
    return fail(ErrorKind::invalid, fmt::format("{}: the new content lacks rows that others refer to", broken.first));
  }
  return {};
}

Status merge_staging(SqliteConnection& connection, const TablePlan& plan, const std::string& staging) {
  std::string assignments;
  std::string differs;
  for (const TargetColumn& column : plan.columns) {
    if (column.is_key) continue;
    const std::string name = quote_identifier(column.name);
    assignments += fmt::format("{}{} = excluded.{}", assignments.empty() ? "" : ", ", name, name);
    differs += fmt::format("{}{} IS NOT excluded.{} COLLATE BINARY", differs.empty() ? "" : " OR ", name, name);
  }
  const std::string columns = sql_list(column_names(plan));
  const std::string action =
      assignments.empty() ? "NOTHING" : fmt::format("UPDATE SET {} WHERE {}", assignments, differs);
  return connection.execute(fmt::format(
      "INSERT INTO main.{}({}) SELECT {} FROM main.{} WHERE true ON CONFLICT({}) DO {}", quote_identifier(plan.table),
      columns, columns, quote_identifier(staging), sql_list(plan.key), action));
}

Status delete_unstaged(SqliteConnection& connection, const TablePlan& plan, const std::string& staging) {
  const std::string table = quote_identifier(plan.table);
  std::string same;
  for (const std::string& column : plan.key) {
    const std::string name = quote_identifier(column);
    same += fmt::format("{}staged.{} = {}.{}", same.empty() ? "" : " AND ", name, table, name);
  }
  return connection.execute(
      fmt::format("DELETE FROM main.{} WHERE NOT EXISTS (SELECT 1 FROM main.{} AS staged WHERE {})", table,
                  quote_identifier(staging), same));
}

Status check_foreign_keys(SqliteConnection& connection, const std::string& table) {
  BATON_TRY(const Broken broken, broken_keys(connection, table));
  if (broken.count == 0) return {};
  return fail(ErrorKind::invalid, fmt::format("{} ({} such rows)", broken.first, broken.count));
}

}  // namespace baton

#include "sqlite/table_report.h"

#include "sqlite/table_plan.h"

#include <fmt/format.h>

namespace baton {
namespace {

std::string_view stored_as(StoredForm form) {
  switch (form) {
    case StoredForm::integer: return "INTEGER";
    case StoredForm::real: return "REAL";
    case StoredForm::numeric: return "NUMERIC";
    case StoredForm::text: return "TEXT";
    case StoredForm::blob: return "BLOB";
  }
  return "TEXT";
}

std::string encoder_of(const TargetColumn& column) {
  if (column.type.kind == TypeKind::other) return fmt::format("unchecked, as {}", stored_as(column.form));
  return fmt::format("{}, as {}", to_text(column.type), stored_as(column.form));
}

std::string way_of(const TableSpec& spec) {
  switch (spec.mode) {
    case WriteMode::append: return "INSERT … SELECT into the table";
    case WriteMode::upsert: return "INSERT … SELECT … ON CONFLICT into the table";
    case WriteMode::replace: return "INSERT … SELECT into a staging table, which then takes the table's place";
    case WriteMode::mirror:
      return "INSERT … SELECT into a staging table, then rows are merged by key, and those that did not come are "
             "deleted";
  }
  return {};
}

// "CREATE TRIGGER name AFTER …" is all that the shape keeps of one.
std::string trigger_name(const std::string& sql) {
  constexpr std::size_t enough_to_know_it = 60;
  const std::string line = sql.substr(0, sql.find('\n'));
  return line.size() <= enough_to_know_it ? line : line.substr(0, enough_to_know_it) + "…";
}

}  // namespace

Result<SqliteTableReport> plan_sqlite_table(SqliteConnection* connection, const TableSpec& spec,
                                            const std::vector<std::string>& inputs) {
  std::optional<TableShape> shape;
  if (connection != nullptr) {
    BATON_TRY(shape, read_table_shape(*connection, table_name(spec)));
  }
  std::vector<std::string> arriving = inputs;
  if (arriving.empty()) {
    BATON_TRY(arriving, takeable_columns(spec, shape));
  }
  BATON_TRY(const TablePlan plan, plan_table(spec, shape, arriving));
  SqliteTableReport report;
  report.table = plan.table;
  report.create_sql = plan.create_sql;
  report.way = way_of(spec);
  for (const TargetColumn& column : plan.columns) report.encoders.emplace_back(column.name, encoder_of(column));
  if (!shape) return report;
  for (const ShapeIndex& index : shape->indexes) {
    report.indexes.push_back(fmt::format("{} ({})", index.name,
                                         index.unique ? "a unique key: checked for every row"
                                                      : "kept up to date for every row: slow where keys arrive in "
                                                        "random order"));
  }
  for (const std::string& trigger : shape->triggers) report.triggers.push_back(trigger_name(trigger) + " (a trigger)");
  return report;
}

}  // namespace baton

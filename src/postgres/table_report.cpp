// What `baton plan` says of a write.
#include "postgres/table_plan.h"
#include "postgres/table_writer.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

std::string index_burden(const PgBurden& index, const PgTableShape& shape) {
  const auto unique = std::find_if(shape.unique_keys.begin(), shape.unique_keys.end(),
                                   [&](const PgUniqueKey& key) { return key.index == index.name; });
  const char* why = "kept up to date for every row: slow where keys arrive in random order";
  if (unique != shape.unique_keys.end()) {
    why = unique->primary ? "the primary key: checked for every row" : "a unique key: checked for every row";
  }
  return fmt::format("{} ({})", index.name, why);
}

}  // namespace

Result<PgTablePlanReport> plan_pg_table(PgSession& session, const TableSpec& spec,
                                        const std::vector<std::string>& inputs) {
  BATON_TRY(PgConnection * connection, session.connection());
  BATON_TRY(const PgTarget target, read_pg_target(*connection, spec.name));
  std::vector<std::string> arriving = inputs;
  if (arriving.empty()) {
    BATON_TRY(arriving, takeable_columns(spec, target));
  }
  BATON_TRY(const PgTablePlan plan, plan_pg_write(spec, target, arriving));
  PgTablePlanReport report;
  report.table = plan.schema + "." + plan.table;
  report.will_create = !target.shape;
  report.create_sql = plan.create_sql;
  report.binary = plan.binary();
  report.text_reason = plan.text_reason;
  for (const PgTargetColumn& column : plan.columns) {
    report.encoders.emplace_back(column.name, plan.binary() ? column.declared : "text");
  }
  if (!target.shape) return report;
  for (const PgBurden& index : target.shape->indexes) report.indexes.push_back(index_burden(index, *target.shape));
  for (const PgBurden& trigger : target.shape->triggers) {
    report.triggers.push_back(fmt::format("{} (a trigger)", trigger.name));
  }
  for (const PgBurden& foreign_key : target.shape->foreign_keys) {
    report.triggers.push_back(fmt::format("{} (a foreign key: looked up for every row)", foreign_key.name));
  }
  if (target.shape->row_security) {
    report.triggers.emplace_back("row security (rows go through a temporary table and INSERT)");
  }
  return report;
}

}  // namespace baton

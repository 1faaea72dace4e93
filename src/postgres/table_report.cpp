// What `baton plan` says of a write.
#include "postgres/native_form.h"
#include "postgres/table_plan.h"
#include "postgres/table_privileges.h"
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

std::string staged_way(const TableSpec& spec, const PgTableShape* shape) {
  switch (spec.mode) {
    case WriteMode::replace:
      if (shape != nullptr && shape->referenced) {
        return "then rows that are not staged are deleted and the others merged by key, since foreign keys of other "
               "tables lead here";
      }
      return shape != nullptr && !shape->may_truncate ? "then DELETE and INSERT … SELECT"
                                                      : "then TRUNCATE and INSERT … SELECT";
    case WriteMode::mirror: return "then those that did not come are deleted, and the others merged by key";
    default: return "then rows are merged by key, the last of each";
  }
}

std::string way_of(const TableSpec& spec, const PgTablePlan& plan, const PgTableShape* shape) {
  const std::string copy = plan.binary() ? "COPY BINARY" : "text COPY";
  if (stages(spec)) return copy + " into a logged staging table, " + staged_way(spec, shape);
  if (spec.mode == WriteMode::upsert)
    return copy + " into a temporary table, then INSERT … ON CONFLICT, chunk by chunk";
  if (plan.by_insert) return copy + " into a temporary table, then INSERT, chunk by chunk (row security)";
  return copy + " into the table";
}

// A schema that is still to be made is in no search_path: once Baton has made it, it is.
void settle_schema(const PgSession& session, PgTarget& target) {
  if (!target.shape && target.schema.empty() && session.settings().schema == session.schema()) {
    target.schema = session.schema();
  }
}

Status check_schema(PgConnection& connection, const PgSession& session, const TableSpec& spec, const PgTarget& target) {
  if (target.shape || target.schema == session.schema()) return {};
  BATON_TRY(const PgResult found, connection.query("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1",
                                                   PgParameters::of(target.schema)));
  if (found.rows() > 0) return {};
  return fail(ErrorKind::invalid, fmt::format("connection {}, table {}: there is no schema {}: create it, or correct "
                                              "its name",
                                              spec.connection, spec.name, target.schema));
}

Result<PgRowSecurity> read_row_security(PgConnection& connection, const PgTableShape& shape) {
  if (!shape.row_security) return PgRowSecurity::none;
  BATON_TRY(
      const PgResult allowed,
      connection.query(fmt::format(
          "SELECT EXISTS (SELECT FROM pg_catalog.pg_policy CROSS JOIN LATERAL unnest(polroles) role WHERE polrelid "
          "= {} AND polpermissive AND polcmd IN ('a', '*') AND (role = 0 OR pg_has_role(nullif(role, 0), 'USAGE')))",
          shape.oid)));
  return allowed.boolean(0, 0) ? PgRowSecurity::applies : PgRowSecurity::refuses_all;
}

}  // namespace

Result<PgTablePlanReport> plan_pg_table(PgSession& session, const TableSpec& spec,
                                        const std::vector<std::string>& inputs) {
  BATON_TRY(PgConnection * connection, session.connection());
  BATON_TRY(PgTarget target, read_pg_target(*connection, spec.name));
  settle_schema(session, target);
  std::vector<std::string> arriving = inputs;
  if (arriving.empty()) {
    BATON_TRY(arriving, takeable_columns(spec, target));
  }
  BATON_TRY(const PgTablePlan plan, plan_pg_write(spec, target, arriving));
  BATON_CHECK(check_schema(*connection, session, spec, target));
  PgTablePlanReport report;
  report.table = to_text(PgTableName{plan.schema, plan.table});
  report.will_create = !target.shape;
  report.create_sql = plan.create_sql;
  report.binary = plan.binary();
  report.text_reason = plan.text_reason;
  for (const PgTargetColumn& column : plan.columns) {
    report.encoders.emplace_back(column.name, plan.binary() ? column.declared : "text");
    // As native_columns decides.
    report.native_forms.push_back(plan.binary() && !column.check ? pg_native_form(column.encoder) : "");
  }
  report.way = way_of(spec, plan, target.shape ? &*target.shape : nullptr);
  BATON_TRY(report.missing_grants, missing_grants(*connection, needs_of_write(spec, plan, target, session.schema())));
  BATON_TRY(const auto sequences, missing_sequence_grants(*connection, plan, target));
  report.missing_grants.insert(report.missing_grants.end(), sequences.begin(), sequences.end());
  if (!target.shape) return report;
  BATON_TRY(report.row_security, read_row_security(*connection, *target.shape));
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

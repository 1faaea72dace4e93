#include "postgres/table_privileges.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

std::string_view object_kind(PgNeed::On on) {
  switch (on) {
    case PgNeed::On::database: return "DATABASE ";
    case PgNeed::On::schema: return "SCHEMA ";
    case PgNeed::On::sequence: return "SEQUENCE ";
    case PgNeed::On::table: break;
  }
  return "";
}

// NULL where the object is not there.
std::string held_sql(const PgNeed& need, const std::string& privilege) {
  const std::string object = PgConnection::quoted_text(need.object);
  const std::string name = PgConnection::quoted_text(privilege);
  switch (need.on) {
    case PgNeed::On::database: return fmt::format("has_database_privilege(current_database(), {})", name);
    case PgNeed::On::schema: return fmt::format("has_schema_privilege(to_regnamespace({})::oid, {})", object, name);
    case PgNeed::On::sequence: return fmt::format("has_sequence_privilege(to_regclass({})::oid, {})", object, name);
    case PgNeed::On::table: break;
  }
  const std::string whole = fmt::format("has_table_privilege(to_regclass({})::oid, {})", object, name);
  if (privilege == "DELETE" || privilege == "TRUNCATE") return whole;
  return fmt::format("({} OR has_any_column_privilege(to_regclass({})::oid, {}))", whole, object, name);
}

bool has_other_columns(const PgTablePlan& plan) {
  return std::any_of(plan.columns.begin(), plan.columns.end(),
                     [](const PgTargetColumn& column) { return !column.is_key; });
}

std::vector<std::string> on_existing_table(const TableSpec& spec, const PgTablePlan& plan, const PgTableShape& shape) {
  switch (spec.mode) {
    case WriteMode::append: return {"INSERT"};
    case WriteMode::upsert:
      if (!has_other_columns(plan)) return {"SELECT", "INSERT"};
      return {"SELECT", "INSERT", "UPDATE"};
    case WriteMode::mirror: return {"SELECT", "INSERT", "UPDATE", "DELETE"};
    case WriteMode::replace: break;
  }
  if (shape.referenced) return {"SELECT", "INSERT", "UPDATE", "DELETE"};
  if (shape.may_truncate) return {"INSERT"};
  return {"INSERT", "DELETE"};
}

}  // namespace

std::vector<PgNeed> needs_of_write(const TableSpec& spec, const PgTablePlan& plan, const PgTarget& target,
                                   const std::string& tables) {
  std::vector<PgNeed> needs;
  if (target.shape) {
    needs.push_back({PgNeed::On::schema, PgConnection::quoted_name(plan.schema), {"USAGE"}});
    needs.push_back({PgNeed::On::table, plan.quoted(), on_existing_table(spec, plan, *target.shape)});
  } else {
    needs.push_back({PgNeed::On::schema, PgConnection::quoted_name(plan.schema), {"USAGE", "CREATE"}});
  }
  if (stages(spec)) {
    needs.push_back({PgNeed::On::schema, PgConnection::quoted_name(tables), {"USAGE", "CREATE"}});
  } else if (spec.mode == WriteMode::upsert || plan.by_insert) {
    needs.push_back({PgNeed::On::database, "", {"TEMPORARY"}});
  }
  return needs;
}

Result<std::vector<std::string>> missing_grants(PgConnection& connection, const std::vector<PgNeed>& needs) {
  std::vector<std::string> grants;
  for (const PgNeed& need : needs) {
    std::string columns;
    for (const std::string& privilege : need.privileges) columns += held_sql(need, privilege) + ", ";
    BATON_TRY(const PgResult held,
              connection.query("SELECT " + columns + "quote_ident(current_database()), quote_ident(current_user)"));
    const int count = static_cast<int>(need.privileges.size());
    std::string lacking;
    for (int i = 0; i < count; ++i) {
      if (held.is_null(0, i) || held.boolean(0, i)) continue;
      lacking += (lacking.empty() ? "" : ", ") + need.privileges[static_cast<std::size_t>(i)];
    }
    if (lacking.empty()) continue;
    const std::string object = need.on == PgNeed::On::database ? held.text(0, count) : need.object;
    grants.push_back(
        fmt::format("GRANT {} ON {}{} TO {}", lacking, object_kind(need.on), object, held.view(0, count + 1)));
  }
  return grants;
}

Result<std::vector<std::string>> missing_sequence_grants(PgConnection& connection, const PgTablePlan& plan,
                                                         const PgTarget& target) {
  if (!target.shape) return std::vector<std::string>();
  BATON_TRY(const PgResult sequences,
            connection.query(fmt::format(
                "SELECT a.attname, quote_ident(n.nspname) || '.' || quote_ident(s.relname), quote_ident(current_user) "
                "FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid JOIN "
                "pg_catalog.pg_namespace n ON n.oid = s.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = "
                "d.refobjid AND a.attnum = d.refobjsubid WHERE d.classid = 'pg_class'::regclass AND d.refobjid = {} "
                "AND d.deptype = 'a' AND CASE WHEN s.relkind = 'S' THEN NOT has_sequence_privilege(s.oid, 'USAGE') "
                "AND NOT has_sequence_privilege(s.oid, 'UPDATE') ELSE false END",
                target.shape->oid)));
  const std::vector<std::string> arriving = column_names(plan);
  std::vector<std::string> grants;
  for (int row = 0; row < sequences.rows(); ++row) {
    if (std::find(arriving.begin(), arriving.end(), sequences.text(row, 0)) != arriving.end()) continue;
    grants.push_back(fmt::format("GRANT USAGE ON SEQUENCE {} TO {}", sequences.view(row, 1), sequences.view(row, 2)));
  }
  return grants;
}

}  // namespace baton

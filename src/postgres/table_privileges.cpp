#include "postgres/table_privileges.h"

#include "postgres/table_staging.h"

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

// "*": all of the privilege is lacking; else the columns that lack it, quoted; NULL where nothing is, or there is no
// such object.
std::string lacking_sql(const PgNeed& need, const PgPrivilege& privilege) {
  const std::string object = PgConnection::quoted_text(need.object);
  const std::string name = PgConnection::quoted_text(privilege.name);
  const auto whole = [&](const std::string& held) { return fmt::format("CASE WHEN NOT {} THEN '*' END", held); };
  switch (need.on) {
    case PgNeed::On::database: return whole(fmt::format("has_database_privilege(current_database(), {})", name));
    case PgNeed::On::schema:
      return whole(fmt::format("has_schema_privilege(to_regnamespace({})::oid, {})", object, name));
    case PgNeed::On::sequence:
      return whole(fmt::format("has_sequence_privilege(to_regclass({})::oid, {})", object, name));
    case PgNeed::On::table: break;
  }
  if (privilege.name == "DELETE" || privilege.name == "TRUNCATE") {
    return whole(fmt::format("has_table_privilege(to_regclass({})::oid, {})", object, name));
  }
  std::string columns;
  for (const std::string& column : privilege.columns) {
    columns += (columns.empty() ? "" : ", ") + PgConnection::quoted_text(column);
  }
  return fmt::format(
      "(SELECT CASE WHEN count(*) FILTER (WHERE held) = 0 AND count(*) > 0 THEN '*' ELSE string_agg('\"' || "
      "replace(attname, '\"', '\"\"') || '\"', ', ' ORDER BY attnum) FILTER (WHERE NOT held) END FROM (SELECT attname, "
      "attnum, has_column_privilege(attrelid, attnum, {}) AS held FROM pg_catalog.pg_attribute WHERE attrelid = "
      "to_regclass({})::oid AND attnum > 0 AND NOT attisdropped{}) one)",
      name, object, columns.empty() ? "" : fmt::format(" AND attname IN ({})", columns));
}

// Of those that arrive, the ones that a merge by this key changes.
std::vector<std::string> merged_columns(const PgTablePlan& plan, const std::vector<std::string>& key) {
  std::vector<std::string> merged;
  for (const PgTargetColumn& column : plan.columns) {
    if (is_merged(column, key)) merged.push_back(column.name);
  }
  return merged;
}

// INSERT … ON CONFLICT (key) DO UPDATE …, which compares what it changes.
std::vector<PgPrivilege> for_merge(const PgTablePlan& plan, const std::vector<std::string>& key) {
  const std::vector<std::string> merged = merged_columns(plan, key);
  std::vector<std::string> read = key;
  read.insert(read.end(), merged.begin(), merged.end());
  std::vector<PgPrivilege> privileges{{"SELECT", read}, {"INSERT", column_names(plan)}};
  if (!merged.empty()) privileges.push_back({"UPDATE", merged});
  return privileges;
}

std::vector<PgPrivilege> on_existing_table(const TableSpec& spec, const PgTablePlan& plan, const PgTableShape& shape) {
  std::vector<PgPrivilege> merge;
  switch (spec.mode) {
    case WriteMode::append: return {{"INSERT", column_names(plan)}};
    case WriteMode::upsert: return for_merge(plan, plan.key);
    case WriteMode::mirror: merge = for_merge(plan, plan.key); break;
    case WriteMode::replace: {
      const auto way = way_to_replace(plan, shape, "");
      if (way && !way->key.empty()) {
        merge = for_merge(plan, way->key);
        break;
      }
      if (shape.may_truncate) return {{"INSERT", column_names(plan)}};
      return {{"INSERT", column_names(plan)}, {"DELETE", {}}};
    }
  }
  merge.push_back({"DELETE", {}});
  return merge;
}

}  // namespace

std::vector<PgPrivilege> on_the_whole(const std::vector<std::string>& names) {
  std::vector<PgPrivilege> privileges;
  for (const std::string& name : names) privileges.push_back({name, {}});
  return privileges;
}

std::vector<PgNeed> needs_of_write(const TableSpec& spec, const PgTablePlan& plan, const PgTarget& target,
                                   const std::string& tables) {
  std::vector<PgNeed> needs;
  if (target.shape) {
    needs.push_back({PgNeed::On::schema, PgConnection::quoted_name(plan.schema), on_the_whole({"USAGE"})});
    needs.push_back({PgNeed::On::table, plan.quoted(), on_existing_table(spec, plan, *target.shape)});
  } else {
    needs.push_back({PgNeed::On::schema, PgConnection::quoted_name(plan.schema), on_the_whole({"USAGE", "CREATE"})});
  }
  if (stages(spec)) {
    needs.push_back({PgNeed::On::schema, PgConnection::quoted_name(tables), on_the_whole({"USAGE", "CREATE"})});
  } else if (spec.mode == WriteMode::upsert || plan.by_insert) {
    needs.push_back({PgNeed::On::database, "", on_the_whole({"TEMPORARY"})});
  }
  return needs;
}

Result<std::vector<std::string>> missing_grants(PgConnection& connection, const std::vector<PgNeed>& needs) {
  std::vector<std::string> grants;
  for (const PgNeed& need : needs) {
    std::string columns;
    for (const PgPrivilege& privilege : need.privileges) columns += lacking_sql(need, privilege) + ", ";
    BATON_TRY(const PgResult found,
              connection.query("SELECT " + columns + "quote_ident(current_database()), quote_ident(current_user)"));
    const int count = static_cast<int>(need.privileges.size());
    std::string lacking;
    for (int i = 0; i < count; ++i) {
      if (found.is_null(0, i)) continue;
      lacking += (lacking.empty() ? "" : ", ") + need.privileges[static_cast<std::size_t>(i)].name;
      if (found.view(0, i) != "*") lacking += fmt::format(" ({})", found.view(0, i));
    }
    if (lacking.empty()) continue;
    const std::string object = need.on == PgNeed::On::database ? found.text(0, count) : need.object;
    grants.push_back(
        fmt::format("GRANT {} ON {}{} TO {}", lacking, object_kind(need.on), object, found.view(0, count + 1)));
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

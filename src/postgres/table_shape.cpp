#include "postgres/table_shape.h"

#include "postgres/type_catalog.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {
namespace {

Status read_columns(PgConnection& connection, PgTableShape& shape) {
  BATON_TRY(const PgTypeCatalog types, PgTypeCatalog::of_table(connection, shape.oid));
  BATON_TRY(
      const PgResult rows,
      connection.query(fmt::format(
          "SELECT attname, atttypid, atttypmod, format_type(atttypid, atttypmod), attnotnull, atthasdef OR attidentity "
          "<> '' OR EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.oid = atttypid AND t.typdefault IS NOT NULL), "
          "attgenerated <> '', attidentity = 'a', (SELECT quote_ident(nspname) || '.' || quote_ident(collname) FROM "
          "pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = collnamespace JOIN pg_catalog.pg_type t "
          "ON t.oid = atttypid WHERE c.oid = attcollation AND attcollation <> typcollation) "
          "FROM pg_catalog.pg_attribute WHERE attrelid = {} AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
          shape.oid)));
  for (int row = 0; row < rows.rows(); ++row) {
    PgShapeColumn column;
    column.name = rows.text(row, 0);
    column.type = static_cast<std::uint32_t>(rows.integer(row, 1));
    column.modifier = static_cast<std::int32_t>(rows.integer(row, 2));
    column.declared = rows.text(row, 3);
    column.not_null = rows.boolean(row, 4);
    column.has_default = rows.boolean(row, 5);
    column.generated = rows.boolean(row, 6);
    column.identity_always = rows.boolean(row, 7);
    column.collation = rows.text(row, 8);
    column.encoder = types.encoder(column.type, column.modifier);
    column.encoder.type = column.declared;
    shape.columns.push_back(std::move(column));
  }
  return {};
}

// Rows of (name, column, …) in order as one entry for each name.
template <class Entry, class Begin>
std::vector<Entry> grouped(const PgResult& rows, Begin begin) {
  std::vector<Entry> entries;
  for (int row = 0; row < rows.rows(); ++row) {
    if (row == 0 || rows.view(row, 0) != rows.view(row - 1, 0)) entries.push_back(begin(row));
    entries.back().columns.push_back(rows.text(row, 1));
  }
  return entries;
}

Status read_keys(PgConnection& connection, PgTableShape& shape) {
  constexpr int first_with_nulls_not_distinct = 150'000;
  const char* nulls = connection.server_version() >= first_with_nulls_not_distinct ? "indnullsnotdistinct" : "false";
  BATON_TRY(const PgResult keys,
            connection.query(fmt::format(
                "SELECT c.relname, attname, {}, indisprimary FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON "
                "c.oid = "
                "indexrelid CROSS JOIN LATERAL unnest(indkey::int2[]) WITH ORDINALITY k(attnum, place) JOIN "
                "pg_catalog.pg_attribute a ON a.attrelid = indrelid AND a.attnum = k.attnum WHERE indrelid = {} AND "
                "indisunique AND indisvalid AND indimmediate AND indpred IS NULL AND indexprs IS NULL AND place <= "
                "indnkeyatts "
                "ORDER BY NOT indisprimary, c.relname, place",
                nulls, shape.oid)));
  shape.unique_keys = grouped<PgUniqueKey>(keys, [&](int row) {
    return PgUniqueKey{keys.text(row, 0), {}, keys.boolean(row, 2), keys.boolean(row, 3)};
  });
  BATON_TRY(
      const PgResult checks,
      connection.query(fmt::format(
          "SELECT conname, attname, pg_get_constraintdef(c.oid) FROM pg_catalog.pg_constraint c CROSS JOIN LATERAL "
          "unnest(conkey) k(attnum) JOIN pg_catalog.pg_attribute a ON attrelid = conrelid AND a.attnum = k.attnum "
          "WHERE conrelid = {} AND contype = 'c' AND 0 <> ALL (conkey) ORDER BY conname, a.attnum",
          shape.oid)));
  shape.checks = grouped<PgCheck>(checks, [&](int row) {
    return PgCheck{checks.text(row, 0), {}, checks.text(row, 2)};
  });
  return {};
}

Result<std::vector<PgBurden>> read_burdens(PgConnection& connection, const std::string& sql) {
  BATON_TRY(const PgResult rows, connection.query(sql));
  std::vector<PgBurden> burdens;
  for (int row = 0; row < rows.rows(); ++row) burdens.push_back({rows.text(row, 0), rows.text(row, 1)});
  return burdens;
}

Status read_dependants(PgConnection& connection, PgTableShape& shape) {
  BATON_TRY(shape.indexes, read_burdens(connection, fmt::format("SELECT relname, pg_get_indexdef(indexrelid) FROM "
                                                                "pg_catalog.pg_index JOIN pg_catalog.pg_class c ON "
                                                                "c.oid = indexrelid WHERE indrelid = {} ORDER BY 1",
                                                                shape.oid)));
  BATON_TRY(
      shape.triggers,
      read_burdens(connection, fmt::format("SELECT tgname, pg_get_triggerdef(oid) FROM pg_catalog.pg_trigger WHERE "
                                           "tgrelid = {} AND NOT tgisinternal AND tgenabled <> 'D' ORDER BY 1",
                                           shape.oid)));
  BATON_TRY(shape.foreign_keys,
            read_burdens(connection, fmt::format("SELECT conname, pg_get_constraintdef(oid) FROM "
                                                 "pg_catalog.pg_constraint WHERE conrelid = {} AND contype = 'f' "
                                                 "ORDER BY 1",
                                                 shape.oid)));
  return {};
}

Status read_bonds(PgConnection& connection, PgTableShape& shape) {
  BATON_TRY(
      const PgResult bonds,
      connection.query(fmt::format(
          "WITH RECURSIVE reached AS (SELECT conrelid FROM pg_catalog.pg_constraint WHERE contype = 'f' AND "
          "confdeltype NOT IN ('a', 'r') AND confrelid = {0} UNION SELECT c.conrelid FROM pg_catalog.pg_constraint c "
          "JOIN reached r ON c.confrelid = r.conrelid WHERE contype = 'f' AND confdeltype NOT IN ('a', 'r')), "
          "tree AS (SELECT {0}::oid AS oid UNION SELECT relid FROM pg_catalog.pg_partition_tree({0}::oid)) "
          "SELECT EXISTS (SELECT FROM reached WHERE conrelid = {0}), EXISTS (SELECT FROM pg_catalog.pg_constraint "
          "JOIN tree ON confrelid = tree.oid WHERE contype = 'f') OR EXISTS (SELECT FROM pg_catalog.pg_trigger JOIN "
          "tree ON tgrelid = tree.oid WHERE NOT tgisinternal AND tgenabled <> 'D'), "
          // BEFORE INSERT FOR EACH ROW, by a function that could return NULL.
          "EXISTS (SELECT FROM pg_catalog.pg_trigger JOIN tree ON tgrelid = tree.oid JOIN pg_catalog.pg_proc p ON "
          "p.oid = tgfoid JOIN pg_catalog.pg_language l ON l.oid = prolang WHERE NOT tgisinternal AND tgenabled <> "
          "'D' AND tgtype & 7 = 7 AND (lanname <> 'plpgsql' OR prosrc ~* '\\mnull\\M'))",
          shape.oid)));
  shape.deletes_reach_itself = bonds.boolean(0, 0);
  shape.rows_are_bound = bonds.boolean(0, 1);
  shape.may_filter = bonds.boolean(0, 2);
  return {};
}

Result<PgTableShape> read_table(PgConnection& connection, std::uint32_t oid) {
  BATON_TRY(
      const PgResult table,
      connection.query(fmt::format(
          "SELECT nspname, relname, relkind, row_security_active(c.oid), has_table_privilege(c.oid, 'TRUNCATE'), "
          "EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = c.oid AND tginitdeferred), "
          "EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE confrelid = c.oid AND conrelid <> c.oid AND contype "
          "= 'f'), EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE confrelid = c.oid AND conrelid = c.oid AND "
          "contype = 'f') FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace WHERE "
          "c.oid = {}",
          oid)));
  PgTableShape shape;
  if (table.rows() == 0) return fail(ErrorKind::retry, "the table was dropped just now");
  shape.oid = oid;
  shape.schema = table.text(0, 0);
  shape.name = table.text(0, 1);
  const char kind = table.view(0, 2).front();
  if (kind != 'r' && kind != 'p' && kind != 'f') {
    return fail(ErrorKind::invalid,
                fmt::format("{}.{} is {}: name the table that rows are to go to", shape.schema, shape.name,
                            kind == 'v'   ? "a view"
                            : kind == 'm' ? "a materialized view"
                                          : "no table"));
  }
  shape.partitioned = kind == 'p';
  shape.foreign = kind == 'f';
  shape.row_security = table.boolean(0, 3);
  shape.may_truncate = table.boolean(0, 4);
  shape.defers = table.boolean(0, 5);
  shape.referenced = table.boolean(0, 6);
  shape.refers_to_itself = table.boolean(0, 7);
  BATON_CHECK(read_columns(connection, shape));
  BATON_CHECK(read_keys(connection, shape));
  BATON_CHECK(read_dependants(connection, shape));
  BATON_CHECK(read_bonds(connection, shape));
  return shape;
}

}  // namespace

Result<PgTarget> read_pg_target(PgConnection& connection, const std::string& written) {
  BATON_TRY(const PgTableName name, pg_table_name(written));
  return read_pg_target(connection, name);
}

Result<PgTarget> read_pg_target(PgConnection& connection, const PgTableName& name) {
  PgTarget target;
  target.schema = name.schema;
  target.name = name.table;
  BATON_TRY(const PgResult found,
            connection.query("SELECT to_regclass($1)::oid, current_schema()", PgParameters::of(quoted(name))));
  if (target.schema.empty()) target.schema = found.text(0, 1);
  if (found.is_null(0, 0)) return target;
  BATON_TRY(target.shape, read_table(connection, static_cast<std::uint32_t>(found.integer(0, 0))));
  target.schema = target.shape->schema;
  return target;
}

bool has_unique_key(const PgTableShape& shape, const std::vector<std::string>& key) {
  return std::any_of(shape.unique_keys.begin(), shape.unique_keys.end(), [&](const PgUniqueKey& unique) {
    return unique.columns.size() == key.size() &&
           std::is_permutation(unique.columns.begin(), unique.columns.end(), key.begin());
  });
}

}  // namespace baton

#include "sqlite/table_plan.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

constexpr int digits_of_double = 15;  // decimal digits that every double keeps

std::string target_text(const TableSpec& spec) {
  return fmt::format("connection {}, table {}", spec.connection, spec.name);
}

tl::unexpected<Error> refuse(const TableSpec& spec, const std::string& what) {
  return fail(ErrorKind::invalid, target_text(spec) + ": " + what);
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& other) { return same_name(other, name); });
}

const ShapeColumn* find_column(const TableShape& shape, const std::string& name) {
  for (const ShapeColumn& column : shape.columns) {
    if (same_name(column.name, name)) return &column;
  }
  return nullptr;
}

std::vector<std::string> names_of(const TableShape& shape) {
  std::vector<std::string> names;
  for (const ShapeColumn& column : shape.columns) names.push_back(column.name);
  return names;
}

// The types that the configuration gives, in its order.
struct Declared {
  std::string name;
  ColumnType type;
};

Result<std::vector<Declared>> declared_columns(const TableSpec& spec) {
  std::vector<Declared> declared;
  for (const auto& [name, text] : spec.columns) {
    const auto type = parse_column_type(text);
    if (!type) return refuse(spec, fmt::format("column {}: {}", name, type.error().message));
    for (const Declared& before : declared) {
      if (same_name(before.name, name)) return refuse(spec, fmt::format("columns names {} twice", name));
    }
    declared.push_back({name, *type});
  }
  return declared;
}

const Declared* find_declared(const std::vector<Declared>& declared, const std::string& name) {
  for (const Declared& one : declared) {
    if (same_name(one.name, name)) return &one;
  }
  return nullptr;
}

// The type of a STRICT table that keeps values of a logical type as they are.
Affinity strict_affinity(const ColumnType& type) {
  switch (type.kind) {
    case TypeKind::boolean:
    case TypeKind::smallint:
    case TypeKind::integer:
    case TypeKind::bigint: return Affinity::integer;
    case TypeKind::real:
    case TypeKind::double_precision: return Affinity::real;
    case TypeKind::numeric:
      return type.precision > 0 && type.precision <= digits_of_double ? Affinity::real : Affinity::text;
    case TypeKind::bytea: return Affinity::blob;
    default: return Affinity::text;
  }
}

std::string_view strict_name(Affinity affinity) {
  switch (affinity) {
    case Affinity::integer: return "INTEGER";
    case Affinity::real: return "REAL";
    case Affinity::blob: return "BLOB";
    default: return "TEXT";
  }
}

StoredForm form_of(const ColumnType& type, Affinity affinity) {
  if (is_integer(type.kind) || type.kind == TypeKind::boolean) return StoredForm::integer;
  if (type.kind == TypeKind::real || type.kind == TypeKind::double_precision) return StoredForm::real;
  if (type.kind == TypeKind::bytea) return StoredForm::blob;
  if (type.kind != TypeKind::numeric) return StoredForm::text;
  if (affinity == Affinity::real) return StoredForm::real;
  if (affinity == Affinity::text || affinity == Affinity::blob) return StoredForm::text;
  return StoredForm::numeric;
}

// Whether a column of an existing table can hold what the configuration declares.
bool can_hold(const ShapeColumn& column, bool strict, const ColumnType& type) {
  const Affinity affinity = column.affinity;
  if (affinity == Affinity::any) return true;
  if (strict && affinity == Affinity::blob) return type.kind == TypeKind::bytea;
  if (affinity == Affinity::blob) return true;
  switch (strict_affinity(type)) {
    case Affinity::integer: return affinity == Affinity::integer || affinity == Affinity::numeric;
    case Affinity::blob: return affinity == Affinity::numeric && !strict;
    case Affinity::real:
      if (type.kind == TypeKind::numeric && affinity != Affinity::integer) return true;
      if (type.kind == TypeKind::numeric) return type.scale == 0;
      return affinity == Affinity::real || affinity == Affinity::numeric;
    default:
      if (type.kind == TypeKind::numeric) return true;
      // DATE, UUID, JSON have numeric affinity; their values look like no number.
      return affinity == Affinity::text || (affinity == Affinity::numeric && !is_character(type.kind));
  }
}

bool keeps_empty_text(const ColumnType& type, Affinity affinity) {
  if (type.kind == TypeKind::other) {
    return affinity == Affinity::text || affinity == Affinity::blob || affinity == Affinity::any;
  }
  return is_character(type.kind);
}

TargetColumn target_column(std::string name, const ColumnType& type, Affinity affinity, bool rounds) {
  TargetColumn column;
  column.name = std::move(name);
  column.type = type;
  column.form = form_of(type, affinity);
  column.rounds = rounds;
  column.empty_is_text = keeps_empty_text(type, affinity);
  return column;
}

// A STRICT table: the columns that arrive in their order, then those that only the configuration names.
Status plan_new_table(const TableSpec& spec, const std::vector<Declared>& declared,
                      const std::vector<std::string>& inputs, TablePlan& plan) {
  if (plan.table.find('.') != std::string::npos) {
    return refuse(spec, "a SQLite file has the schema main only: write the table's name alone");
  }
  std::vector<std::string> all = inputs;
  for (const Declared& one : declared) {
    if (!contains(inputs, one.name)) all.push_back(one.name);
  }
  std::string body;
  for (const std::string& name : all) {
    const Declared* one = find_declared(declared, name);
    const ColumnType type = one != nullptr ? one->type : ColumnType{TypeKind::text};
    const Affinity affinity = strict_affinity(type);
    body += fmt::format("{}{} {}{}", body.empty() ? "" : ", ", quote_identifier(name), strict_name(affinity),
                        contains(spec.key, name) ? " NOT NULL" : "");
    if (contains(inputs, name)) plan.columns.push_back(target_column(name, type, affinity, one != nullptr));
  }
  if (!spec.key.empty()) body += fmt::format(", PRIMARY KEY({})", sql_list(spec.key));
  plan.create_sql = fmt::format("CREATE TABLE IF NOT EXISTS main.{}({}) STRICT", quote_identifier(plan.table), body);
  return {};
}

Status plan_existing_table(const TableSpec& spec, const TableShape& shape, const std::vector<Declared>& declared,
                           const std::vector<std::string>& inputs, TablePlan& plan) {
  for (const Declared& one : declared) {
    const ShapeColumn* column = find_column(shape, one.name);
    if (column == nullptr) {
      return refuse(spec, fmt::format("columns names {}, which the table lacks; it has {}", one.name,
                                      people_list(names_of(shape))));
    }
    if (!can_hold(*column, shape.strict, one.type)) {
      return refuse(spec, fmt::format("columns declares {} as {}, but the table's column is {}: declare a type that it "
                                      "can hold, or change the table",
                                      one.name, to_text(one.type), column->declared));
    }
  }
  for (const std::string& input : inputs) {
    const ShapeColumn* column = find_column(shape, input);
    if (column == nullptr) {
      return refuse(spec, fmt::format("there is no column {} to write to; the table has {}. Rename or drop it in "
                                      "process, or add it to the table",
                                      input, people_list(names_of(shape))));
    }
    const Declared* one = find_declared(declared, input);
    plan.columns.push_back(
        target_column(column->name, one != nullptr ? one->type : column->type, column->affinity, one != nullptr));
  }
  for (const ShapeColumn& column : shape.columns) {
    if (column.needs_value && !contains(inputs, column.name)) {
      return refuse(spec,
                    fmt::format("column {} is NOT NULL without a default, and no such column arrives", column.name));
    }
  }
  return {};
}

Status check_key(const TableSpec& spec, const std::optional<TableShape>& shape,
                 const std::vector<std::string>& inputs) {
  const bool by_key = spec.mode == WriteMode::upsert || spec.mode == WriteMode::mirror;
  if (by_key && spec.key.empty()) {
    return refuse(spec, fmt::format("mode {} needs a key: name its columns in key",
                                    spec.mode == WriteMode::upsert ? "upsert" : "mirror"));
  }
  for (const std::string& column : spec.key) {
    if (!contains(inputs, column)) {
      return refuse(spec, fmt::format("key column {} does not arrive; those that do: {}", column, people_list(inputs)));
    }
  }
  if (!by_key || !shape || has_unique_key(*shape, spec.key)) return {};
  std::string has = "none";
  for (const auto& key : shape->unique_keys) {
    has = fmt::format("{}({})", has == "none" ? "" : has + ", ", people_list(key));
  }
  return refuse(spec, fmt::format("no unique key over ({}); the table's unique keys: {}. Name one of them, or run: "
                                  "CREATE UNIQUE INDEX {} ON {} ({})",
                                  people_list(spec.key), has, quote_identifier(shape->name + "_key"),
                                  quote_identifier(shape->name), sql_list(spec.key)));
}

Status check_once(const TableSpec& spec, const std::vector<std::string>& inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (same_name(inputs[i], inputs[j])) {
        return refuse(spec, fmt::format("columns {} and {} arrive for one column of the table: rename or drop one",
                                        inputs[j], inputs[i]));
      }
    }
  }
  if (inputs.empty()) return refuse(spec, "no column arrives");
  return {};
}

Status check_there(const TableSpec& spec, const std::optional<TableShape>& shape) {
  if (!shape && !spec.create) {
    return refuse(spec, "there is no such table: create it, or set create: true");
  }
  if (shape && shape->is_virtual && spec.mode != WriteMode::append) {
    return refuse(spec, "it is a virtual table, which can only be appended to");
  }
  return {};
}

}  // namespace

std::string table_name(const TableSpec& spec) {
  constexpr std::string_view schema = "main.";
  const std::string_view name = spec.name;
  return std::string(same_name(name.substr(0, schema.size()), schema) ? name.substr(schema.size()) : name);
}

Result<std::vector<std::string>> takeable_columns(const TableSpec& spec, const std::optional<TableShape>& shape) {
  BATON_CHECK(check_there(spec, shape));
  if (shape && spec.columns.empty()) return names_of(*shape);
  std::vector<std::string> names;
  for (const auto& column : spec.columns) names.push_back(column.first);
  return names;
}

Result<TablePlan> plan_table(const TableSpec& spec, const std::optional<TableShape>& shape,
                             const std::vector<std::string>& inputs) {
  BATON_CHECK(check_there(spec, shape));
  BATON_CHECK(check_once(spec, inputs));
  BATON_CHECK(check_key(spec, shape, inputs));
  BATON_TRY(const std::vector<Declared> declared, declared_columns(spec));
  TablePlan plan;
  plan.table = shape ? shape->name : table_name(spec);
  if (shape) {
    BATON_CHECK(plan_existing_table(spec, *shape, declared, inputs, plan));
  } else {
    BATON_CHECK(plan_new_table(spec, declared, inputs, plan));
  }
  for (TargetColumn& column : plan.columns) {
    column.is_key = contains(spec.key, column.name);
    if (column.is_key) plan.key.push_back(column.name);
  }
  return plan;
}

std::string sql_list(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + quote_identifier(name);
  return list;
}

std::string people_list(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

}  // namespace baton

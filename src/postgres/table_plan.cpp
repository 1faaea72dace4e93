#include "postgres/table_plan.h"

#include "base/ascii_text.h"
#include "data/column_type.h"
#include "postgres/declared_type.h"
#include "postgres/native_form.h"
#include "postgres/table_staging.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

tl::unexpected<Error> refuse(const TableSpec& spec, const std::string& what) {
  return fail(ErrorKind::invalid, fmt::format("connection {}, table {}: {}", spec.connection, spec.name, what));
}

std::string for_people(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool same_letters(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

std::vector<std::string> writable_names(const PgTableShape& shape) {
  std::vector<std::string> names;
  for (const PgShapeColumn& column : shape.columns) {
    if (!column.generated) names.push_back(column.name);
  }
  return names;
}

// By its name as written, else by the only one that differs in nothing but the case of its letters.
const PgShapeColumn* find_column(const PgTableShape& shape, const std::string& name) {
  const PgShapeColumn* alike = nullptr;
  for (const PgShapeColumn& column : shape.columns) {
    if (column.name == name) return &column;
    if (!same_letters(column.name, name)) continue;
    if (alike != nullptr) return nullptr;
    alike = &column;
  }
  return alike;
}

Status check_there(const TableSpec& spec, const PgTarget& target) {
  if (!target.shape && !spec.create) {
    return refuse(spec, "there is no such table: create it, or set create: true");
  }
  if (!target.shape && target.schema.empty()) {
    return refuse(spec, "no schema of the search_path exists: name one in schema of the connection");
  }
  if (target.shape && target.shape->foreign && spec.mode != WriteMode::append) {
    return refuse(spec, "it is a foreign table, which can only be appended to");
  }
  return {};
}

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
      if (before.name == name) return refuse(spec, fmt::format("columns names {} twice", name));
    }
    declared.push_back({name, *type});
  }
  return declared;
}

const Declared* find_declared(const std::vector<Declared>& declared, const std::string& name) {
  const auto found =
      std::find_if(declared.begin(), declared.end(), [&](const Declared& one) { return one.name == name; });
  return found == declared.end() ? nullptr : &*found;
}

Status check_inputs(const TableSpec& spec, const std::vector<std::string>& inputs) {
  if (inputs.empty()) return refuse(spec, "no column arrives");
  const bool by_key = spec.mode == WriteMode::upsert || spec.mode == WriteMode::mirror;
  if (by_key && spec.key.empty()) {
    return refuse(spec, fmt::format("mode {} needs a key: name its columns in key",
                                    spec.mode == WriteMode::upsert ? "upsert" : "mirror"));
  }
  return {};
}

// The columns that arrive in a table that is to be made, then those that only the configuration names.
Status plan_new_table(const TableSpec& spec, const std::vector<Declared>& declared,
                      const std::vector<std::string>& inputs, PgTablePlan& plan) {
  std::vector<std::string> all = inputs;
  for (const Declared& one : declared) {
    if (!contains(inputs, one.name)) all.push_back(one.name);
  }
  std::string body;
  for (const std::string& name : all) {
    const Declared* one = find_declared(declared, name);
    const ColumnType type = one != nullptr ? one->type : ColumnType{TypeKind::text};
    body += fmt::format("{}{} {}{}", body.empty() ? "" : ", ", PgConnection::quoted_name(name), to_text(type),
                        contains(spec.key, name) ? " NOT NULL" : "");
    if (!contains(inputs, name)) continue;
    PgTargetColumn column;
    column.name = name;
    column.declared = to_text(type);
    column.encoder = encoder_of(type);
    column.not_null = contains(spec.key, name);
    plan.columns.push_back(std::move(column));
  }
  if (!spec.key.empty()) body += fmt::format(", PRIMARY KEY ({})", quoted_list(spec.key));
  plan.create_sql = fmt::format("CREATE TABLE IF NOT EXISTS {} ({})", plan.quoted(), body);
  return {};
}

Status check_declared(const TableSpec& spec, const PgTableShape& shape, const std::vector<Declared>& declared) {
  for (const Declared& one : declared) {
    const PgShapeColumn* column = find_column(shape, one.name);
    if (column == nullptr) {
      return refuse(spec, fmt::format("columns names {}, which the table lacks; it has {}", one.name,
                                      for_people(writable_names(shape))));
    }
    if (!can_hold(column->encoder, one.type)) {
      return refuse(spec, fmt::format("columns declares {} as {}, but the table's column is {}: declare a type that it "
                                      "can hold, or change the table",
                                      one.name, to_text(one.type), column->declared));
    }
  }
  return {};
}

PgTargetColumn target_column(const PgShapeColumn& of, bool has_triggers) {
  PgTargetColumn column;
  column.name = of.name;
  column.declared = of.declared;
  column.collation = of.collation;
  column.encoder = of.encoder;
  column.not_null = of.not_null;
  column.refuses_null = of.not_null && !has_triggers;
  column.identity_always = of.identity_always;
  return column;
}

Status plan_existing_table(const TableSpec& spec, const PgTableShape& shape, const std::vector<Declared>& declared,
                           const std::vector<std::string>& inputs, PgTablePlan& plan) {
  BATON_CHECK(check_declared(spec, shape, declared));
  for (const std::string& input : inputs) {
    const PgShapeColumn* column = find_column(shape, input);
    if (column == nullptr) {
      return refuse(spec, fmt::format("there is no column {} to write to; the table has {}. Rename or drop it in "
                                      "process, or add it to the table",
                                      input, for_people(writable_names(shape))));
    }
    if (column->generated) {
      return refuse(spec, fmt::format("column {} is generated by the server: drop it in process", column->name));
    }
    plan.columns.push_back(target_column(*column, !shape.triggers.empty()));
    const Declared* one = find_declared(declared, input);
    if (one == nullptr) one = find_declared(declared, column->name);
    if (one != nullptr) plan.columns.back().check = check_of(column->encoder, one->type);
    if (column->encoder.codec == PgCodec::none && plan.text_reason.empty()) {
      plan.text_reason =
          fmt::format("column {} is of type {}, which has no binary encoder", column->name, column->declared);
    }
  }
  const std::vector<std::string> arriving = column_names(plan);
  for (const PgShapeColumn& column : shape.columns) {
    if (column.not_null && !column.has_default && !column.generated && !contains(arriving, column.name)) {
      return refuse(spec,
                    fmt::format("column {} is NOT NULL without a default, and no such column arrives", column.name));
    }
  }
  plan.by_insert = shape.row_security;
  plan.checks_at_commit = shape.defers;
  return {};
}

Status check_once(const TableSpec& spec, const std::vector<std::string>& inputs, const PgTablePlan& plan) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (plan.columns[i].name != plan.columns[j].name) continue;
      return refuse(spec, fmt::format("columns {} and {} arrive for one column of the table: rename or drop one",
                                      inputs[j], inputs[i]));
    }
  }
  return {};
}

// The key's columns as the table spells them.
Status settle_key(const TableSpec& spec, const std::vector<std::string>& inputs, PgTablePlan& plan) {
  for (const std::string& name : spec.key) {
    const auto exact = std::find(inputs.begin(), inputs.end(), name);
    const auto found =
        exact != inputs.end() ? exact : std::find_if(inputs.begin(), inputs.end(), [&](const std::string& input) {
          return same_letters(input, name);
        });
    if (found == inputs.end()) {
      return refuse(spec, fmt::format("key column {} does not arrive; those that do: {}", name, for_people(inputs)));
    }
    PgTargetColumn& column = plan.columns[static_cast<std::size_t>(found - inputs.begin())];
    column.is_key = true;
    plan.key.push_back(column.name);
  }
  return {};
}

Status check_key(const TableSpec& spec, const PgTarget& target, const PgTablePlan& plan) {
  const bool by_key = spec.mode == WriteMode::upsert || spec.mode == WriteMode::mirror;
  if (!by_key || !target.shape || has_unique_key(*target.shape, plan.key)) return {};
  std::string has = "none";
  for (const PgUniqueKey& key : target.shape->unique_keys) {
    has = fmt::format("{}({})", has == "none" ? "" : has + ", ", for_people(key.columns));
  }
  return refuse(spec, fmt::format("no unique key over ({}); the table's unique keys: {}. Name one of them, or run: "
                                  "CREATE UNIQUE INDEX ON {} ({})",
                                  for_people(plan.key), has, plan.quoted(), quoted_list(plan.key)));
}

// Found out before the first row, not when all are staged.
Status check_replace(const TableSpec& spec, const PgTarget& target, const PgTablePlan& plan) {
  if (spec.mode != WriteMode::replace || !target.shape) return {};
  const auto way = way_to_replace(plan, *target.shape, "");
  return way ? Status() : refuse(spec, way.error().message);
}

}  // namespace

std::string PgTablePlan::quoted() const { return baton::quoted(PgTableName{schema, table}); }

Result<std::vector<std::string>> takeable_columns(const TableSpec& spec, const PgTarget& target) {
  BATON_CHECK(check_there(spec, target));
  std::vector<std::string> names;
  if (target.shape && spec.columns.empty()) {
    for (const PgShapeColumn& column : target.shape->columns) {
      if (!column.generated && !column.identity_always) names.push_back(column.name);
    }
    return names;
  }
  for (const auto& column : spec.columns) names.push_back(column.first);
  return names;
}

Result<PgTablePlan> plan_pg_write(const TableSpec& spec, const PgTarget& target,
                                  const std::vector<std::string>& inputs) {
  BATON_CHECK(check_there(spec, target));
  BATON_CHECK(check_inputs(spec, inputs));
  BATON_TRY(const std::vector<Declared> declared, declared_columns(spec));
  PgTablePlan plan;
  plan.schema = target.schema;
  plan.table = target.name;
  if (target.shape) {
    BATON_CHECK(plan_existing_table(spec, *target.shape, declared, inputs, plan));
  } else {
    BATON_CHECK(plan_new_table(spec, declared, inputs, plan));
  }
  BATON_CHECK(check_once(spec, inputs, plan));
  BATON_CHECK(settle_key(spec, inputs, plan));
  BATON_CHECK(check_key(spec, target, plan));
  BATON_CHECK(check_replace(spec, target, plan));
  return plan;
}

std::vector<bool> native_columns(const PgTablePlan& plan, const std::vector<std::string>& forms) {
  std::vector<bool> taken(forms.size(), false);
  if (!plan.binary() || forms.size() != plan.columns.size()) return taken;
  for (std::size_t i = 0; i < forms.size(); ++i) {
    // A narrower type that is declared is checked on the text.
    taken[i] = !forms[i].empty() && !plan.columns[i].check && forms[i] == pg_native_form(plan.columns[i].encoder);
  }
  return taken;
}

std::string quoted_list(const std::vector<std::string>& names, const std::string& prefix) {
  std::string list;
  for (const std::string& name : names) {
    list += (list.empty() ? "" : ", ") + (prefix.empty() ? "" : prefix + ".") + PgConnection::quoted_name(name);
  }
  return list;
}

std::vector<std::string> column_names(const PgTablePlan& plan) {
  std::vector<std::string> names;
  for (const PgTargetColumn& column : plan.columns) names.push_back(column.name);
  return names;
}

bool stages(const TableSpec& spec) {
  return spec.mode == WriteMode::replace || spec.mode == WriteMode::mirror ||
         (spec.mode == WriteMode::upsert && spec.writers > 1);
}

}  // namespace baton

#include "postgres/read_plan.h"

#include "postgres/table_name.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace baton {
namespace {

// As it is written, else as SQL would read it.
Result<std::string> find_table(PgConnection& connection, const std::string& name) {
  BATON_TRY(const PgTableName table, pg_table_name(name));
  BATON_TRY(const PgResult found,
            connection.query("SELECT c.oid::text, quote_ident(n.nspname) || '.' || quote_ident(c.relname) "
                             "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                             "WHERE c.oid = coalesce(to_regclass($1), CASE WHEN $2 ~ '^[A-Za-z_][A-Za-z0-9_.]*$' THEN "
                             "to_regclass($2) END) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')",
                             PgParameters::of(quoted(table), name)));
  if (found.rows() == 1) return found.text(0, 1);
  return fail(ErrorKind::invalid, fmt::format("{}: there is no table {}: check its name, the connection's `schema` and "
                                              "the privileges of its user",
                                              connection.shown(), name));
}

// The text of a query may end with a semicolon, or with a comment.
std::string subselect(std::string sql) {
  while (!sql.empty() && (sql.back() == ';' || std::isspace(static_cast<unsigned char>(sql.back())) != 0)) {
    sql.pop_back();
  }
  return "(\n" + sql + "\n)";
}

Status describe_columns(PgConnection& connection, PgReadPlan& plan) {
  BATON_TRY(const PgResult none, connection.query("SELECT * FROM " + plan.from + " AS baton_input LIMIT 0"));
  std::set<std::string> seen;
  for (int i = 0; i < none.columns(); ++i) {
    plan.columns.push_back(none.column_name(i));
    plan.types.push_back(none.column_type(i));
    if (!seen.insert(plan.columns.back()).second) {
      return fail(ErrorKind::invalid, fmt::format("{}: two columns of the query are named {}: give one of them another "
                                                  "name with AS",
                                                  connection.shown(), plan.columns.back()));
    }
  }
  return {};
}

Status find_key(PgConnection& connection, const PgReadSpec& spec, PgReadPlan& plan) {
  for (const std::string& name : spec.key) {
    const auto found = std::find(plan.columns.begin(), plan.columns.end(), name);
    if (found == plan.columns.end()) {
      return fail(ErrorKind::invalid,
                  fmt::format("{}: `key` names {}, which is no column of the input; its columns are {}",
                              connection.shown(), name, fmt::join(plan.columns, ", ")));
    }
    plan.key.push_back(static_cast<std::size_t>(found - plan.columns.begin()));
  }
  return {};
}

// P11: a unique index over columns of the key, none of which may be NULL, makes its order total.
Status check_table_key(PgConnection& connection, const PgReadSpec& spec, const PgReadPlan& plan) {
  constexpr const char* sql =
      "SELECT (SELECT string_agg(attname, ', ') FROM pg_attribute WHERE attrelid = $1::regclass AND NOT attnotnull AND "
      "attname = ANY ($2::text[])), EXISTS (SELECT FROM pg_index i WHERE i.indrelid = $1::regclass AND i.indisunique "
      "AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND NOT EXISTS (SELECT FROM unnest(i.indkey) WITH "
      "ORDINALITY AS k (attnum, place) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum WHERE "
      "k.place <= i.indnkeyatts AND a.attname <> ALL ($2::text[])))";
  std::string names = "{";
  for (const std::string& name : spec.key) {
    std::string quoted = PgConnection::quoted_name(name);
    names += (names.size() > 1 ? "," : "") + quoted;
  }
  BATON_TRY(const PgResult found, connection.query(sql, PgParameters::of(plan.from, names + "}")));
  if (!found.is_null(0, 0)) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: the key of {} must not be NULL, and {} may be: declare it NOT NULL, "
                            "or name other columns in `key`",
                            connection.shown(), plan.from, found.text(0, 0)));
  }
  if (found.boolean(0, 1)) return {};
  return fail(ErrorKind::invalid,
              fmt::format("{}: {} has no unique index over ({}): rows could be left out; create one, "
                          "or name the columns of its primary key in `key`",
                          connection.shown(), plan.from, fmt::join(spec.key, ", ")));
}

std::string key_columns(const PgReadPlan& plan) {
  std::string text;
  for (const std::size_t place : plan.key) {
    text += (text.empty() ? "baton_input." : ", baton_input.") + PgConnection::quoted_name(plan.columns[place]);
  }
  return text;
}

// Without the rows whose key is NULL a query would be read incompletely.
Status check_query_key(PgConnection& connection, const PgReadSpec& spec, const PgReadPlan& plan) {
  BATON_TRY(const PgResult found,
            connection.query(fmt::format("SELECT EXISTS (SELECT FROM {} AS baton_input WHERE num_nulls({}) > 0)",
                                         plan.from, key_columns(plan))));
  if (!found.boolean(0, 0)) return {};
  return fail(ErrorKind::invalid, fmt::format("{}: the key ({}) of the query is NULL in some rows, which would be left "
                                              "out: name other columns in `key`, or leave those rows out in the query",
                                              connection.shown(), fmt::join(spec.key, ", ")));
}

Status note_source(PgConnection& connection, const PgReadSpec& spec, PgReadPlan& plan) {
  BATON_TRY(const PgResult database,
            connection.query("SELECT current_database(), CASE WHEN has_function_privilege('pg_control_system()', "
                             "'EXECUTE') THEN (SELECT system_identifier::text FROM pg_control_system()) END"));
  const std::string server = database.is_null(0, 1) ? connection.shown() : database.text(0, 1);
  plan.source =
      fmt::format("postgresql:{}/{} {}", server, database.view(0, 0), spec.table.empty() ? spec.sql : plan.from);
  if (plan.key.empty()) return {};
  BATON_TRY(const PgResult none,
            connection.query(fmt::format("SELECT {} FROM {} AS baton_input LIMIT 0", key_columns(plan), plan.from)));
  for (int i = 0; i < none.columns(); ++i) {
    BATON_TRY(const PgResult type, connection.query("SELECT format_type($1::oid, NULL)",
                                                    PgParameters::of(std::int64_t{none.column_type(i)})));
    plan.key_types += fmt::format("{}{} {}", i > 0 ? ", " : "", none.column_name(i), type.view(0, 0));
  }
  return {};
}

std::string literals(const PgKey& key) {
  std::string text;
  for (const std::string& value : key) {
    const bool escapes = value.find('\\') != value.npos;
    std::string quoted = PgConnection::quoted_text(value);
    if (escapes) {  // whatever standard_conforming_strings says
      std::string doubled;
      for (const char c : quoted) doubled += c == '\\' ? std::string("\\\\") : std::string(1, c);
      quoted = " E" + doubled;
    }
    text += (text.empty() ? "" : ", ") + quoted;
  }
  return text;
}

std::string page_sql(const PgReadPlan& plan, const std::string& columns, const std::string& format, const PgKey* last,
                     const PgKey* until, std::size_t rows) {
  std::string sql = fmt::format("COPY (SELECT {}", columns);
  const std::string key = key_columns(plan);
  if (last != nullptr) sql += fmt::format(", ({}) = ({}) AS baton_again", key, literals(*last));
  sql += fmt::format(" FROM {} AS baton_input", plan.from);
  if (last != nullptr) sql += fmt::format(" WHERE ({}) >= ({})", key, literals(*last));
  if (until != nullptr) {
    sql += fmt::format(" {} ({}) <= ({})", last != nullptr ? "AND" : "WHERE", key, literals(*until));
  }
  if (!key.empty()) sql += fmt::format(" ORDER BY {} LIMIT {}", key, rows);
  return sql + ") TO STDOUT" + format;
}

// Of the types of the columns: enums are labels in binary too, arrays have elements, and any type has a function that
// makes its text.
Status describe_types(PgConnection& connection, PgReadPlan& plan) {
  const std::string oids = fmt::format("{{{}}}", fmt::join(plan.types, ","));
  BATON_TRY(const PgResult rows,
            connection.query("SELECT t.oid, t.typtype, CASE WHEN e.typarray = t.oid THEN t.typelem ELSE 0 END, "
                             "quote_ident(n.nspname) || '.' || quote_ident(p.proname), t.typnamespace::regnamespace || "
                             "'.' || quote_ident(t.typname) FROM pg_catalog.pg_type t JOIN "
                             "pg_catalog.pg_proc p ON p.oid = t.typoutput JOIN pg_catalog.pg_namespace n ON n.oid = "
                             "p.pronamespace LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem WHERE t.oid = ANY "
                             "($1::oid[])",
                             PgParameters::of(oids)));
  for (std::size_t i = 0; i < plan.types.size(); ++i) {
    PgReadColumn column;
    column.name = PgConnection::quoted_name(plan.columns[i]);
    for (int row = 0; row < rows.rows(); ++row) {
      if (rows.integer(row, 0) != plan.types[i]) continue;
      column.encoder = pg_encoder(plan.types[i], -1);
      if (rows.view(row, 1) == "e") column.encoder.codec = PgCodec::enumeration;
      const auto element = static_cast<std::uint32_t>(rows.integer(row, 2));
      if (is_built_in(element)) {
        column.encoder.codec = PgCodec::array;
        column.encoder.element_type = element;
        column.encoder.element = std::make_shared<const PgEncoder>(pg_encoder(element, -1));
      }
      column.output = rows.text(row, 3);
      column.type = rows.text(row, 4);
    }
    plan.forms.push_back(std::move(column));
  }
  return {};
}

}  // namespace

Result<PgReadPlan> plan_pg_read(PgConnection& connection, const PgReadSpec& spec) {
  PgReadPlan plan;
  if (spec.table.empty()) {
    plan.from = subselect(spec.sql);
  } else {
    BATON_TRY(plan.from, find_table(connection, spec.table));
  }
  BATON_CHECK(describe_columns(connection, plan));
  BATON_CHECK(describe_types(connection, plan));
  BATON_CHECK(find_key(connection, spec, plan));
  if (!plan.key.empty() && !spec.table.empty()) BATON_CHECK(check_table_key(connection, spec, plan));
  if (!plan.key.empty() && spec.table.empty()) BATON_CHECK(check_query_key(connection, spec, plan));
  BATON_CHECK(note_source(connection, spec, plan));
  return plan;
}

std::string pg_page_sql(const PgReadPlan& plan, const PgKey* last, const PgKey* until, std::size_t rows) {
  return page_sql(plan, "baton_input.*", "", last, until, rows);
}

std::string pg_binary_page_sql(const PgReadPlan& plan, const std::vector<PgReadColumn>& columns, const PgKey* last,
                               const PgKey* until, std::size_t rows) {
  std::string list;
  for (const PgReadColumn& column : columns) {
    list += (list.empty() ? "" : ", ") + pg_read_expression(column, "baton_input");
  }
  return page_sql(plan, list, " (FORMAT binary)", last, until, rows);
}

std::string to_text(const PgKey& key) {
  return nlohmann::json(key).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<PgKey> pg_key_from(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const bool fits =
      json.is_array() && std::all_of(json.begin(), json.end(), [](const auto& v) { return v.is_string(); });
  if (!fits) return fail(ErrorKind::internal, "a recorded position has no key: " + text);
  return json.get<PgKey>();
}

}  // namespace baton

// How the columns that arrive go into a PostgreSQL table: pure decisions over the table's shape and the configuration.
#pragma once

#include "baton/result.h"
#include "data/writer.h"
#include "postgres/table_shape.h"
#include "postgres/value_codec.h"

#include <optional>
#include <string>
#include <vector>

namespace baton {

struct PgTargetColumn {
  std::string name;      // as the table spells it
  std::string declared;  // its type for SQL
  std::string collation;
  PgEncoder encoder;
  std::optional<PgEncoder> check;  // of the type that the configuration declares, where the table's is another one
  bool is_key = false;             // NULL is refused
  bool not_null = false;
  bool refuses_null = false;  // NOT NULL, and no trigger could give it a value
  bool identity_always = false;
};

struct PgTablePlan {
  std::string schema;
  std::string table;
  std::vector<PgTargetColumn> columns;  // those that arrive, in their order
  std::vector<std::string> key;
  std::string create_sql;   // empty where the table exists
  std::string text_reason;  // why it is loaded by text COPY; empty: binary
  bool by_insert = false;   // row security refuses COPY into the table itself
  bool checks_at_commit = false;

  bool binary() const { return text_reason.empty(); }
  std::string quoted() const;  // "schema"."table"
};

// TableWriter::takes_native: the columns that have the same form here.
std::vector<bool> native_columns(const PgTablePlan& plan, const std::vector<std::string>& forms);

// The columns that the target can take, as TableWriter::columns promises.
Result<std::vector<std::string>> takeable_columns(const TableSpec& spec, const PgTarget& target);

// TableWriter::bind's decisions. Messages begin with "connection, table".
Result<PgTablePlan> plan_pg_write(const TableSpec& spec, const PgTarget& target,
                                  const std::vector<std::string>& inputs);

// Whether rows are kept in a staging table until all are there (P13).
bool stages(const TableSpec& spec);

// "a", "b": quoted for SQL; with a prefix, prefix."a", prefix."b".
std::string quoted_list(const std::vector<std::string>& names, const std::string& prefix = {});
std::vector<std::string> column_names(const PgTablePlan& plan);

}  // namespace baton

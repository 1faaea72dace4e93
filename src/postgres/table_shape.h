// What an existing PostgreSQL table is like, from its catalogs.
#pragma once

#include "baton/result.h"
#include "postgres/connection.h"
#include "postgres/table_name.h"
#include "postgres/value_codec.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

struct PgShapeColumn {
  std::string name;
  std::uint32_t type = 0;      // OID
  std::int32_t modifier = -1;  // atttypmod
  std::string declared;        // as PostgreSQL writes it: "numeric(15,2)", "mood[]"
  std::string collation;       // "schema"."name" where it is not the type's own
  PgEncoder encoder;           // of the base type where the type is a domain
  bool not_null = false;
  bool has_default = false;  // identity columns too
  bool generated = false;    // nothing can be written to it
  bool identity_always = false;
};

struct PgUniqueKey {
  std::string index;
  std::vector<std::string> columns;
  bool nulls_not_distinct = false;
  bool primary = false;
};

struct PgCheck {
  std::string name;
  std::vector<std::string> columns;
  std::string definition;  // "CHECK ((quantity > 0))"
};

// Something that slows a load down, for people.
struct PgBurden {
  std::string name;
  std::string definition;
};

struct PgTableShape {
  std::uint32_t oid = 0;
  std::string schema;
  std::string name;
  bool partitioned = false;
  bool foreign = false;                  // a foreign table
  bool row_security = false;             // its policies apply to this role, which COPY FROM refuses
  bool defers = false;                   // it has constraints that are checked at COMMIT
  bool referenced = false;               // by foreign keys of other tables
  bool refers_to_itself = false;         // by a foreign key
  bool deletes_reach_itself = false;     // by foreign keys that act ON DELETE: a deleted row may change others of it
  bool rows_are_bound = false;           // foreign keys lead to it, or triggers watch it; or a partition of it
  bool may_filter = false;               // a trigger may leave rows out that are inserted
  bool may_truncate = false;             // this role has the privilege
  std::vector<PgShapeColumn> columns;    // generated ones too
  std::vector<PgUniqueKey> unique_keys;  // whole ones over columns, checked at once
  std::vector<PgCheck> checks;           // but for those over the whole row
  std::vector<PgBurden> indexes;
  std::vector<PgBurden> triggers;
  std::vector<PgBurden> foreign_keys;
};

// Where a table's name leads.
struct PgTarget {
  std::string schema;
  std::string name;
  std::optional<PgTableShape> shape;  // empty: no such table
};

// Of the schema that is named, or of the session's search_path; a missing table would be made in its first schema.
// `invalid` for a view or what else is no table.
Result<PgTarget> read_pg_target(PgConnection& connection, const PgTableName& name);
// As the configuration writes it.
Result<PgTarget> read_pg_target(PgConnection& connection, const std::string& written);

// Whether the table has a unique key over exactly these columns, in any order, that ON CONFLICT can use.
bool has_unique_key(const PgTableShape& shape, const std::vector<std::string>& key);

}  // namespace baton

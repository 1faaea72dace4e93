// Where rows are read and written: one connection, whose transaction is the caller's, and the schema of the tables.
#pragma once

#include "postgres/session.h"

#include <string>
#include <string_view>

namespace baton {

struct PgTables {
  PgConnection& connection;
  const PgSession& names;  // whose connection this is; it may have another one by now

  // "schema"."name".
  std::string operator[](std::string_view name) const { return names.table(name); }
};

}  // namespace baton

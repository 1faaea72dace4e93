// The statements that make Baton's tables in a database that jobs write to.
#pragma once

#include <string_view>
#include <vector>

namespace baton {

// One table or index; in `sql`, {} stands for the quoted schema.
struct PgTableText {
  std::string_view name;
  std::string_view sql;
};

// Version 1. What a version once made stays as it is: what comes later is a version of its own.
const std::vector<PgTableText>& pg_target_tables();

}  // namespace baton

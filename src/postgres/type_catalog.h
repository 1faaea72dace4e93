// The types of a table's columns as the catalog has them.
#pragma once

#include "baton/result.h"
#include "postgres/connection.h"
#include "postgres/value_codec.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace baton {

class PgTypeCatalog {
 public:
  // Of the columns of this table, with what they are made of.
  static Result<PgTypeCatalog> of_table(PgConnection& connection, std::uint32_t table);

  // Domains are their base type, arrays have an element, anything that has no binary encoder is `none`.
  PgEncoder encoder(std::uint32_t type, std::int32_t modifier) const;

 private:
  struct Type {
    char kind = 'b';  // pg_type.typtype
    char category = 'U';
    std::uint32_t base = 0;  // of a domain
    std::int32_t base_modifier = -1;
    std::uint32_t element = 0;  // of a true array
    std::vector<std::string> labels;
  };

  std::map<std::uint32_t, Type> types_;
};

}  // namespace baton

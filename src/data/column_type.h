// Logical column types, as a configuration or a table declares them. The names are PostgreSQL's and their usual
// aliases.
#pragma once

#include "baton/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace baton {

enum class TypeKind : std::uint8_t {
  boolean,
  smallint,  // 16 bits
  integer,   // 32 bits
  bigint,    // 64 bits
  real,
  double_precision,
  numeric,
  text,
  varchar,
  character,
  bytea,
  date,
  time,
  timestamp,
  timestamptz,
  uuid,
  json,
  jsonb,
  other,  // a declared type that is none of these: its values are not checked
};

struct ColumnType {
  TypeKind kind = TypeKind::other;
  int length = 0;     // varchar, character: in characters; 0 without a limit
  int precision = 0;  // numeric: digits in all; 0 without a limit
  int scale = 0;      // numeric: digits after the point

  friend bool operator==(const ColumnType&, const ColumnType&) = default;
};

// In any case, with any spacing. `invalid`, with the list of known types, for any other; never gives `other`.
Result<ColumnType> parse_column_type(std::string_view text);

// As PostgreSQL writes it: numeric(15,2), double precision.
std::string to_text(const ColumnType& type);

bool is_integer(TypeKind kind);

// text, varchar and character: an empty CSV field is '' there and NULL elsewhere.
bool is_character(TypeKind kind);

}  // namespace baton

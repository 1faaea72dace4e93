// Which of PostgreSQL's types Baton encodes for COPY BINARY, and why a value is refused.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace baton {

enum class PgCodec : std::uint8_t {
  boolean,
  int2,
  int4,
  int8,
  float4,
  float8,
  numeric,
  text,
  varchar,
  bpchar,
  name,
  bytea,
  date,
  time,
  timetz,
  timestamp,
  timestamptz,
  interval,
  uuid,
  json,
  jsonb,
  inet,
  cidr,
  enumeration,
  array,
  none,  // any other type: the server reads its text
};

// How the values of one column become bytes.
struct PgEncoder {
  PgCodec codec = PgCodec::none;
  int length = 0;                            // varchar, bpchar: in characters; 0 without a limit
  int precision = 0;                         // numeric: digits in all; 0 without a limit
  int scale = 0;                             // numeric: digits after the point
  std::vector<std::string> labels;           // enumeration: sorted
  std::uint32_t element_type = 0;            // array: the OID that its elements carry
  std::shared_ptr<const PgEncoder> element;  // array
  std::string type;                          // as PostgreSQL writes it, for messages: "numeric(15,2)"
  bool empty_is_text = false;                // an empty text field is '', else NULL
};

enum class ValueRefusal : std::uint8_t {
  none,
  syntax,
  range,
  fraction,   // a number, where only whole ones are written
  structure,  // a JSON value of another kind
  missing_key,
  nul_byte,
  label,
};

// The encoder of one of pg_catalog's base types; `none` for a type that is not listed. `modifier` is atttypmod.
PgEncoder pg_encoder(std::uint32_t type, std::int32_t modifier);

// Whether that is the type of a codec, with the same OID in every database.
bool is_built_in(std::uint32_t type);

// What a value of that type looks like, for rejects.
std::string expectation(const PgEncoder& encoder);

}  // namespace baton

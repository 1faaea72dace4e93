// Dates and times in COPY BINARY: microseconds and days since 2000-01-01
// (https://www.postgresql.org/docs/15/datatype-datetime.html). Text as PostgreSQL writes it in the style ISO, without
// locale: years of 4 to 7 digits, " BC" behind, infinity and -infinity; fractions are rounded to microseconds.
#pragma once

#include "postgres/copy_buffer.h"
#include "postgres/value_codec.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace baton {

// Each writes a field with its length. REQUIRES: room for 20 bytes.
ValueRefusal encode_date(std::string_view text, CopyBuffer& out);
ValueRefusal encode_time(std::string_view text, CopyBuffer& out);
// The offset is required: a time without one could mean any.
ValueRefusal encode_timetz(std::string_view text, CopyBuffer& out);
// An offset is allowed and ignored, as PostgreSQL does. A date alone is midnight.
ValueRefusal encode_timestamp(std::string_view text, CopyBuffer& out);
// The offset is required.
ValueRefusal encode_timestamptz(std::string_view text, CopyBuffer& out);

// Digits after the point of a second, to microseconds as PostgreSQL rounds them.
std::int64_t fraction_microseconds(std::string_view digits);

}  // namespace baton

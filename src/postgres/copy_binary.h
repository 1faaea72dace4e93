// Values as fields of COPY BINARY, by the type of the column that they go to.
#pragma once

#include "baton/row_batch.h"
#include "postgres/copy_buffer.h"
#include "postgres/value_codec.h"

#include <string_view>

namespace baton {

// What every COPY BINARY begins and ends with.
std::string_view copy_binary_header();
std::string_view copy_binary_trailer();

// Appends one value, its length before it; `out` may hold a part of it where it is refused. The kind says what the text
// was in the input. REQUIRES: kind is not null.
ValueRefusal encode_value(const PgEncoder& encoder, FieldKind kind, std::string_view text, CopyBuffer& out);

}  // namespace baton

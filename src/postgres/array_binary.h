// Arrays in COPY BINARY (src/backend/utils/adt/arrayfuncs.c, array_recv).
#pragma once

#include "baton/row_batch.h"
#include "postgres/copy_buffer.h"
#include "postgres/value_codec.h"

#include <string>
#include <string_view>

namespace baton {

// From PostgreSQL's text form, or from a JSON array where `kind` is json or the text begins with [ as JSON does.
ValueRefusal encode_array(const PgEncoder& encoder, FieldKind kind, std::string_view text, CopyBuffer& out);

// The array in PostgreSQL's text form, for COPY as text. Empty where it is none.
std::string array_as_text(const PgEncoder& encoder, FieldKind kind, std::string_view text);

}  // namespace baton

// Columns whose fields go from one COPY BINARY into another as they are: decided before anything is read.
#pragma once

#include "postgres/value_codec.h"

#include <string>

namespace baton {

// The name of the form that values of the type have in COPY BINARY: equal exactly where the bytes of the one mean the
// same to the other, whatever their type modifiers, which the server applies to bytes as to text. Empty for types whose
// bytes mean something in one database alone (enums, arrays of them, by their OIDs) and for those that value_text does
// not know: a reject must show them.
std::string pg_native_form(const PgEncoder& encoder);

}  // namespace baton

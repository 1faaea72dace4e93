// Fields of COPY BINARY as the text that the server would write: for rejects, and for the keys in positions.
#pragma once

#include "postgres/value_codec.h"

#include <optional>
#include <string>
#include <string_view>

namespace baton {

// Whether value_text knows the values of this encoder.
bool has_value_text(const PgEncoder& encoder);

// As the session settings of PgConnection have it. Floats have the server's digits, but the exponent may be written
// another way. Empty where the bytes are no such value, or the encoder has no text. REQUIRES: not NULL; without the
// length.
std::optional<std::string> value_text(const PgEncoder& encoder, std::string_view bytes);

}  // namespace baton

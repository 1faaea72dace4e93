#include "postgres/native_form.h"

#include "postgres/value_text.h"

#include <fmt/format.h>

namespace baton {

std::string pg_native_form(const PgEncoder& encoder) {
  if (!has_value_text(encoder)) return {};
  const PgEncoder& scalar = encoder.codec == PgCodec::array ? *encoder.element : encoder;
  if (scalar.codec == PgCodec::enumeration) return {};
  // An array tells the OID of its elements, which is the codec's own but for domains.
  if (encoder.codec == PgCodec::array && !is_built_in(encoder.element_type)) return {};
  return fmt::format("postgresql {}{}", static_cast<int>(scalar.codec), encoder.codec == PgCodec::array ? "[]" : "");
}

}  // namespace baton

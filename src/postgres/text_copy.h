// Fields of COPY as text (https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.2): for tables with a column
// whose type has no binary encoder.
#pragma once

#include "postgres/copy_buffer.h"

#include <string_view>

namespace baton {

// With backslashes before what would end the field or the row. Not delimited.
void put_copy_text(std::string_view text, CopyBuffer& out);

inline constexpr std::string_view copy_text_null = "\\N";

}  // namespace baton

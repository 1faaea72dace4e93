// numeric in COPY BINARY (src/backend/utils/adt/numeric.c, numeric_recv).
#pragma once

#include "postgres/copy_buffer.h"
#include "postgres/value_codec.h"

#include <string_view>

namespace baton {

// [+-]digits[.digits][e[+-]digits], NaN, [+-]Infinity, [+-]inf in any case, as a field with its length. `precision` 0:
// without a limit. What has more decimals than `scale` is rounded by the server.
ValueRefusal encode_numeric(std::string_view text, int precision, int scale, CopyBuffer& out);

}  // namespace baton

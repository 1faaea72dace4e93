// interval in COPY BINARY: microseconds, days, months.
#pragma once

#include "postgres/copy_buffer.h"
#include "postgres/value_codec.h"

#include <string_view>

namespace baton {

// ISO 8601 (P1Y2M3W4DT5H6M7.8S, each number with a sign of its own) and PostgreSQL's own words: "1 year 2 mons -3 days
// +04:05:06.7", "@ 1 day 2 hours ago". Only seconds have a fraction. REQUIRES: room for 20 bytes.
ValueRefusal encode_interval(std::string_view text, CopyBuffer& out);

}  // namespace baton

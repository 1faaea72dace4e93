// A row that the write part of a step refuses, as a Reject cut to its limits.
#pragma once

#include "baton/row_batch.h"

#include <string>
#include <string_view>

namespace baton {

Reject write_reject(const RowPlace& place, std::string_view raw, std::string column, std::string_view value,
                    std::string reason);

// The longest beginning of `text` that has at most `bytes` bytes and cuts no character of UTF-8.
std::string_view cut_text(std::string_view text, std::size_t bytes);

}  // namespace baton

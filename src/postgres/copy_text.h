// Rows as COPY … TO STDOUT writes them in text format
// (https://www.postgresql.org/docs/15/sql-copy.html, File Formats, Text Format).
#pragma once

#include "baton/row_batch.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace baton {

// Adds the fields of one row to `batch`; `line` ends with its line feed. `types` are the columns' OIDs. A field of the
// type boolean is "true" or "false". Returns the last field's text, where the row has one more than `types`. The row's
// place has only its raw text. False where the row has another number of fields.
bool add_copy_row(std::string_view line, const std::vector<std::uint32_t>& types, RowBatch& batch,
                  std::string_view* extra);

}  // namespace baton

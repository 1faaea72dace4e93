// Finds rows with text that no database takes: invalid UTF-8 and NUL bytes.
#pragma once

#include "baton/row_batch.h"

#include <string>
#include <string_view>
#include <vector>

namespace baton {

// What is wrong with `text`; empty if nothing is.
std::string_view text_fault(std::string_view text);

// Moves the rows of `batch` with such a field to its rejects. `bytes_are_fields` says that no byte of a character can
// be a delimiter, so that the batch is checked as a whole first.
void reject_bad_text(RowBatch& batch, const std::vector<std::string>& columns, bool bytes_are_fields);

}  // namespace baton

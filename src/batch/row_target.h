// A RowWriter as the writer of a load step: rows that go elsewhere, in the transactions of the database that keeps the
// step's progress.
#pragma once

#include "baton/row_writer.h"
#include "data/writer.h"

#include <memory>
#include <string>

namespace baton {

// `rows` outlives it. `where` is "job/step", with which idempotency keys begin. It stages nothing, and has one closing
// chunk, which finishes.
std::unique_ptr<TableWriter> make_row_target(RowWriter& rows, std::string where);

}  // namespace baton

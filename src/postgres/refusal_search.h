// Finds the rows of a numbered range that the server refuses, by trying ranges of them.
#pragma once

#include "baton/result.h"
#include "postgres/connection.h"

#include <cstdint>
#include <functional>
#include <optional>

namespace baton {

// A range that the server refused, and what it said.
struct PgRefusal {
  PgFailure failure;
  std::optional<std::uint64_t> row;  // the first of the range that is refused, where the server tells
};

// Writes the rows from `first` to before `end`, all or none. Empty: they are written.
using PgAttempt = std::function<Result<std::optional<PgRefusal>>(std::uint64_t first, std::uint64_t end)>;
// A row that is refused; false: enough is known.
using PgOnRefused = std::function<Result<bool>(std::uint64_t row, const PgFailure& failure)>;

// All rows at once first, so that it costs nothing where none is refused. Where the server tells which row it was, the
// rows before it are tried again, it is refused, and the search goes on behind it; else the range is halved until one
// row is left. After a refusal ranges begin small and double, so that the rows tried in all stay within a small
// multiple of the whole.
Status search_refusals(std::uint64_t first, std::uint64_t end, const PgAttempt& attempt, const PgOnRefused& on_refused);

}  // namespace baton

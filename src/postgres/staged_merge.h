// Staged rows into the target; those that it refuses are found and taken out of the staging.
#pragma once

#include "data/writer.h"
#include "postgres/connection.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace baton {

struct PgStagedMerge {
  std::string staging;  // for SQL
  // Brings all staged rows into the target, or those of a condition over the staging's columns. What returns a row
  // tells in it how many were left out.
  std::function<std::string(const std::string& range)> statement;
  // Goes before `statement` where unique values move between rows; empty: there is nothing for that.
  std::function<std::string(const std::string& range)> move;
  std::vector<std::string> key;   // of which a later row takes the place of an earlier one; empty: none is repeated
  bool refers_to_itself = false;  // by a foreign key
};

// Makes the reject of a staged row.
using PgStagedReject = std::function<Result<Reject>(std::int64_t record, const PgFailure& failure)>;

// All at once under a savepoint; only if that is refused, by ranges of records (search_refusals). A range lacks the
// rows behind it: where the table refers to itself, what was refused for a foreign key is tried again while that helps;
// where values may move, what was refused for a unique value is tried again together.
// The rejects in the order in which they were found. More of them than `most`: the search ended there, and the
// transaction must not be committed. REQUIRES: a transaction is open. Errors of other kinds leave it unusable.
Result<ClosingTally> merge_staged(PgConnection& connection, const PgStagedMerge& merge, std::uint64_t most,
                                  const PgStagedReject& reject);

}  // namespace baton

// mirror: the table's rows become the staged ones, in one transaction.
#pragma once

#include "postgres/staged_merge.h"
#include "postgres/table_shape.h"

#include <cstdint>
#include <string>
#include <vector>

namespace baton {

struct PgStagedMirror {
  PgStagedMerge merge;
  std::string remove;         // a statement: the rows that did not come are deleted
  bool remove_first = false;  // what is deleted touches no row that is kept
};

// Deletes first, so that a row may take a unique value of one that goes; if rows that are kept hold on to one that goes
// (a foreign key within the table, a trigger), merges first. Rejects as of merge_staged: then nothing is deleted
// (P13), and a row that needs what was not deleted is a reject too. `invalid` where the server refuses to delete.
// REQUIRES: a transaction is open. Errors leave it unusable.
Result<ClosingTally> mirror_staged(PgConnection& connection, const PgStagedMirror& mirror, std::uint64_t most,
                                   const PgStagedReject& reject);

// What to do where a unique value could not move from one row to another; empty: the failure is another one.
std::string advice_on_moving(const PgTableShape& shape, const std::vector<std::string>& key, const PgFailure& failure);

}  // namespace baton

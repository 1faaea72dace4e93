// Encoded rows into a table by COPY, inside the caller's transaction; rows that the server refuses are found and left
// out; what triggers leave out is counted.
//
// Each COPY runs under a savepoint. Where it fails for a row, COPY's CONTEXT tells the number of that row (not for
// foreign keys and what is checked after the COPY); the rest is search_refusals'.
#pragma once

#include "data/writer.h"
#include "postgres/chunk_rows.h"
#include "postgres/connection.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace baton {

struct PgCopyStatement {
  std::string before;    // a statement, or empty
  std::string copy;      // COPY … FROM STDIN …
  std::string relation;  // as COPY's CONTEXT names it
  bool binary = true;
  // Statements that follow, for the rows of these records (both included); each ends with ";". One that returns a row
  // tells in it how many rows were left out.
  std::function<std::string(std::uint64_t first, std::uint64_t last)> after;
};

// The reject of a row.
using PgRefused = std::function<Reject(std::size_t row, const PgFailure& failure)>;

// REQUIRES: a transaction is open. Errors of other kinds leave it unusable.
Result<WriteTally> copy_rows(PgConnection& connection, const PgCopyStatement& statement, const PgChunkRows& rows,
                             const PgRefused& refused);

// "COPY t, line 3, column c: …" → 3 and c. Translations of the words are understood too.
struct CopyPlace {
  std::size_t row = 0;  // from 1
  std::string column;   // empty where none is named
};
std::optional<CopyPlace> place_in_copy(const std::string& context, const std::string& relation);

// What statements tell that return a row.
std::uint64_t left_out(const std::vector<PgResult>& results);

// Whether a statement that failed with this state failed for a row.
bool refuses_rows(std::string_view sqlstate);

}  // namespace baton

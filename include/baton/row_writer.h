// The write part of a load step where the rows go somewhere else than into a table: a service, a queue, a file.
#pragma once

#include "baton/job_run.h"
#include "baton/result.h"
#include "baton/row_batch.h"

#include <string>
#include <vector>

namespace baton {

// A row that the target does not take; it becomes a reject, and counts against the step's `skip`.
struct RowRefusal {
  std::size_t row = 0;  // its number in the batch, from 0
  std::string column;   // empty where the whole row is meant
  std::string reason;   // for people: what was expected
};

// Everything is called on the job's thread, one call at a time. Each chunk's rows are written while its transaction is
// open, in the database that keeps the step's progress: the fence was checked before, and progress is committed after.
// Rows are therefore written at least once. What was written and not committed (the process ended, the lease was lost,
// the commit failed) is written again, in the same order.
//
// Bound the time of each call. Until it returns, nobody else writes to a SQLite file that keeps the progress, a stop
// waits, and a lease that is lost meanwhile is noticed only after it.
//
// Errors: `retry` for what may pass (the chunk is repeated, as often as the step's `retry.limit` says), `invalid` for
// what a person must change (the step fails). An exception counts as `invalid`.
class RowWriter {
 public:
  RowWriter() = default;
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;
  virtual ~RowWriter() = default;

  // As Reader::begin_run, before open.
  virtual Status begin_run(const JobRun& /*run*/) { return {}; }

  // The columns that it asks for, for readers whose records have none of their own (JSON); empty: whatever arrives.
  virtual std::vector<std::string> columns() const { return {}; }

  // Once for each execution of the step, before anything is written: settles on the columns that arrive. `invalid`
  // where it cannot write them.
  virtual Status open(const std::vector<std::string>& columns) = 0;

  // Writes the rows of a batch, in order, and returns those that the target refused. A batch has at least one row, at
  // most 4,096, and never more than the step's `chunk`; rows.rejects is empty.
  //
  // `idempotency_key` is job/instance/step/FIRST-LAST-DIGEST: the records that the rows came from, and a digest of
  // their columns and values. The same rows have the same key however often they are written, and other rows another
  // one, so that whoever has seen a key may leave out its batch. Where the step's `chunk`, or input that was not
  // committed, was changed between two executions, rows come again under another key.
  virtual Result<std::vector<RowRefusal>> write(const RowBatch& rows, const std::string& idempotency_key) = 0;

  // Once all rows are committed, in a transaction of its own, before the step is completed: at least once.
  virtual Status finish() { return {}; }
};

}  // namespace baton

// The read part of a load step.
#pragma once

#include "baton/job_run.h"
#include "baton/result.h"
#include "baton/row_batch.h"

#include <string>
#include <vector>

namespace baton {

struct ReadLimits {
  std::size_t rows = 4096;      // records, refused ones included
  std::size_t bytes = 1 << 20;  // of input, or of RowBatch::text; the record that passes it is still read whole
  // The end of what is to be read, a position that this or an earlier reader gave out: what follows is committed.
  // `rows` is at most the number of records up to there, so that only a reader whose records can come and go in between
  // (tables) has to look at it: if there are fewer now, it ends the batch at `until`; if there are more, `invalid`.
  const Position* until = nullptr;
};

// Reads an input in a stable order. One thread at a time: the job's thread opens it, one of the load's own reads it.
// Its positions grow with every record, also in `offset`: a chunk that does not move the position commits nothing. Call
// open, then maybe resume, then read to the end with more calls of resume where parts are skipped, then finish; or open
// again to begin from the beginning.
class Reader {
 public:
  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  virtual ~Reader() = default;

  // Told once, before the first open, of the run that it reads for; `run` lasts as long as the reading. Nobody tells it
  // for a mere look (`baton plan`, `baton doctor`). An error is the step's failure.
  virtual Status begin_run(const JobRun& /*run*/) { return {}; }

  // Opens the input and returns its columns. `wanted` are the columns that the rest of the step asks for: a reader
  // whose records have no columns of their own (JSON) returns exactly these, others ignore it. `invalid`, naming the
  // file, where it is missing, a folder, unreadable, or its header is unusable.
  virtual Result<std::vector<std::string>> open(const std::vector<std::string>& wanted) = 0;

  // After open: for each column the name of a form in which a writer that knows it may take the values as they are,
  // without a text in between; empty for a column that has none. Empty in all: every field comes as text.
  virtual std::vector<std::string> native_forms() const { return {}; }

  // From now on the fields of these columns, one flag for each, come as FieldKind::native; a reader may still give some
  // of them as text. Called at most once, before identity(), resume() and read(). REQUIRES: their forms are not empty.
  virtual void deliver_native(const std::vector<bool>& /*columns*/) {}

  // The identity of the input up to `end`, a position that this or an earlier reader gave out. Reads those bytes again
  // unless reading stands there now. `invalid` if the input is shorter.
  virtual Result<InputIdentity> identity(const Position& end) = 0;

  // Continues at `from` instead of the beginning, or behind a part that was committed before. REQUIRES: identity() of
  // `from` or of a position behind it was compared and is the recorded one.
  virtual Status resume(const Position& from) = 0;

  // Replaces the content of `batch` with the next records. False at the end: the batch is empty then, but for its
  // `end`. Records that are refused stand in batch.rejects. Errors of the file itself are `invalid`.
  virtual Result<bool> read(RowBatch& batch, const ReadLimits& limits) = 0;

  // After the end was read: `invalid` if the input changed while it was read (size or modification time).
  virtual Status finish() = 0;

  // Nothing more is read: lets go of a session with a database. open begins again.
  virtual void close() {}

  // Bytes of the input, for a percentage; 0 where unknown.
  virtual std::uint64_t size_bytes() const = 0;
};

}  // namespace baton

// The write part of a load step: one target of one step, made by the database that it writes to.
#pragma once

#include "baton/result.h"
#include "baton/row_batch.h"

#include <memory>
#include <string>
#include <vector>

namespace baton {

enum class WriteMode { append, upsert, replace, mirror };

// What the configuration's `write.table` says.
struct TableSpec {
  std::string connection;     // for messages
  std::string repository_id;  // makes the names of staging tables this repository's own
  std::string name;           // may be schema-qualified where the database has schemas
  WriteMode mode = WriteMode::append;
  std::vector<std::string> key;
  bool create = false;
  std::vector<std::pair<std::string, std::string>> columns;  // name → type, in order
  int writers = 1;                                           // sessions that write at the same time
};

// Rows in the form that the target takes. Memory is reused: the writer recycles what a chunk returned.
class EncodedBatch {
 public:
  EncodedBatch() = default;
  EncodedBatch(const EncodedBatch&) = delete;
  EncodedBatch& operator=(const EncodedBatch&) = delete;
  virtual ~EncodedBatch() = default;

  virtual std::size_t rows() const = 0;
};

struct WriteTally {
  std::uint64_t written = 0;
  std::uint64_t filtered = 0;   // left out by the database itself: a trigger
  std::vector<Reject> rejects;  // refused by the database; the rest of the chunk is kept
};

// Staged rows that did not come into the table.
struct ClosingTally {
  std::uint64_t filtered = 0;
  std::vector<Reject> rejects;
};

// encode() may run on one other thread while write() runs; nothing else is thread-safe. begin, write and close are
// called inside a transaction that the writer's database has open on the calling thread, and take part in it.
//
// Where TableSpec::writers is more than 1, each session of the target has a writer of its own, all of the same spec and
// bound to the same columns. The first of them encodes for all: what it made is written, and destroyed, by the thread
// of any other. begin and close are called on the first one only, while no other writes; the others resume what it
// began. Chunks then commit in any order, so `upsert` stages across chunks too, with the input's order in each staged
// row, and merges in a closing chunk (P13).
class TableWriter {
 public:
  TableWriter() = default;
  TableWriter(const TableWriter&) = delete;
  TableWriter& operator=(const TableWriter&) = delete;
  virtual ~TableWriter() = default;

  // The columns that the target can take, before the input is known: those of the existing table, else those that
  // the configuration declares; empty where neither says. `invalid` if the table is missing and `create` is false.
  virtual Result<std::vector<std::string>> columns() = 0;

  // Settles on the columns that arrive. `invalid` where one of them is not in the target (the message lists those
  // that are), where the key is not among them, or where the table has no unique index over the key.
  virtual Status bind(const std::vector<std::string>& inputs) = 0;

  // After bind: which of the columns that arrive may come as FieldKind::native, given the form in which each could; an
  // empty one is no form. They may come as text all the same.
  virtual std::vector<bool> takes_native(const std::vector<std::string>& forms) const {
    return std::vector<bool>(forms.size(), false);
  }

  // Checks and converts a batch. Rows with a value that the column's type refuses go to `rejects` (phase write, with
  // column, value, reason and raw text).
  virtual std::unique_ptr<EncodedBatch> encode(const RowBatch& batch, std::vector<Reject>& rejects) = 0;

  // In the transaction that sets progress 0 → 1 (P13): creates the table if it is to be created, and the staging of
  // `instance` where the mode stages; drops staging of the same name first. A step that begins anew calls it again.
  virtual Status begin(std::int64_t instance) = 0;

  // Continues with what begin made in an earlier execution of `instance`.
  virtual Status resume(std::int64_t instance) = 0;

  // False where the staging is gone or lacks any of the `rows` rows that were committed to it: somebody dropped or
  // emptied it. True where the mode stages nothing. After begin or resume, while no other writer writes; looks at all
  // rows. The target is then as it was, or as after a merge, which comes out the same when it is repeated: the step may
  // begin anew.
  virtual Result<bool> staging_is_whole(std::uint64_t rows) = 0;

  // Writes rows in order. A row that the database refuses becomes a reject, and the rest is kept. Other errors by
  // their kind; the transaction is then unusable.
  virtual Result<WriteTally> write(const EncodedBatch& batch) = 0;

  // Whether what write() wrote goes with the transaction. False where rows are sent elsewhere, and stay there.
  virtual bool rolls_back() const { return true; }

  // As write() for each batch in order; a writer overrides it where one statement for all of them costs less.
  virtual Result<WriteTally> write_all(const std::vector<std::unique_ptr<EncodedBatch>>& batches);

  // Numbered chunks after the last row: replace 1 (swap), mirror 2 (merge, delete) or 1 (both), upsert with several
  // writers 1 (merge), else 0.
  virtual int closing_chunks() const = 0;

  // Closing chunk `index`, from 0. `clean` is false if any record of the run was rejected: mirror then deletes nothing.
  // Rows that were written to the staging and that the table refuses are the rejects; of their place only the record
  // is known. They and what was filtered are staged no longer. More of them than `most_rejects`: the rest was not
  // tried, and the transaction must not be committed.
  virtual Result<ClosingTally> close(int index, bool clean, std::uint64_t most_rejects) = 0;

  // Drops the staging of `instance`, if there is any: the step begins anew or was abandoned.
  virtual Status discard(std::int64_t instance) = 0;
};

}  // namespace baton

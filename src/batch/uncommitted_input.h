// What is left to read of an input: the holes between the ranges that are committed, and what follows them (P11).
#pragma once

#include "batch/progress.h"
#include "baton/reader.h"

#include <deque>
#include <vector>

namespace baton {

// Used by one thread.
class UncommittedInput {
 public:
  // `reader` stands at `from`; `committed` are the ranges behind it, in order.
  UncommittedInput(Reader& reader, Position from, const std::vector<CommittedRange>& committed)
      : reader_(reader), position_(std::move(from)), committed_(committed.begin(), committed.end()) {}

  // As Reader::read, but no batch reaches into a committed range. A hole in which nothing is left is an empty batch.
  Result<bool> read(RowBatch& batch, ReadLimits limits);

  // Where the last batch began.
  const Position& begin() const { return begin_; }
  // Whether a committed range follows the last batch: its chunk ends there.
  bool at_committed() const { return !committed_.empty() && position_.offset == committed_.front().from.offset; }

 private:
  Reader& reader_;
  Position position_;
  Position begin_;
  std::deque<CommittedRange> committed_;
};

}  // namespace baton

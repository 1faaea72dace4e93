// One pass of a load step over its input: what is recorded of it, and the transactions that carry it on.
#pragma once

#include "batch/load_step.h"
#include "batch/step.h"

#include <memory>
#include <optional>
#include <vector>

namespace baton {

// A session with the target and the writer on it.
struct LoadLane {
  Database* target = nullptr;
  std::unique_ptr<TableWriter> writer;
};

// Rows that are written and not committed.
struct WrittenChunk {
  std::unique_ptr<Transaction> transaction;
  WriteTally tally;
};

// Steps 1 and 2 of a chunk transaction that is not the first of its pass. Shares nothing: it may run on any thread.
Result<WrittenChunk> write_chunk(const LoadLane& lane, const Chunk& chunk, const Authority& authority,
                                 Durability durability);

// Used by one thread.
class LoadPass {
 public:
  explicit LoadPass(const LoadPlan& plan) : plan_(plan) {}

  // Goes on with what is recorded.
  void carry_on(Progress recorded) { recorded_ = std::move(recorded); }
  // Begins at the beginning of the input. `fingerprint` is recorded with the first chunk.
  void begin_anew(const std::string& job, std::string fingerprint);
  // What the counts of this step execution are counted from.
  void count_from_here() { counts_before_ = recorded_.counts; }

  const Progress& recorded() const { return recorded_; }
  bool fresh() const { return fresh_; }
  bool stop_wanted() const { return stop_wanted_; }
  // The position up to which anything is committed.
  const Position& highest_end() const;

  // The transaction that begins a pass, without rows: what several writers need before the first of them writes.
  Status open(StepContext& context, const LoadLane& lane, const InputIdentity& input);
  // A whole chunk transaction.
  Status commit_chunk(StepContext& context, const LoadLane& lane, const Chunk& chunk);
  // Steps 3 to 6 of one whose rows are written. `completes`: it may be the last transaction of the step.
  Status record_chunk(StepContext& context, const LoadLane& lane, const Chunk& chunk, WrittenChunk written,
                      bool completes);
  // Closing chunk `index`; the last of them, or one more where there is none, completes the step.
  Status close_chunk(StepContext& context, const LoadLane& lane, int index);

  // Are all rows that are recorded still staged (TableWriter::staging_is_whole)?
  Result<bool> staging_is_whole(const LoadLane& lane) const;
  // What people are told if not.
  std::string lost_staging() const;

  // One chunk, with its repeats. False if a stop ended the repeats: nothing of the chunk is done.
  Result<bool> attempt(StepContext& context, const std::function<Status()>& chunk) const;
  // Tells the repository where it is another database, and the listener.
  Status after_commit(StepContext& context, const LoadLane& lane, std::uint64_t input_bytes);

 private:
  Status check_rejects(const std::vector<Reject>& rejects, const StepCounts& total, bool at_end,
                       const std::string& advice) const;
  Result<ClosingTally> close_rows(StepContext& context, const LoadLane& lane, int index) const;
  Status commit(StepContext& context, Database& target, std::unique_ptr<Transaction> transaction, Progress next,
                const StepCounts& delta);

  const LoadPlan& plan_;
  Progress recorded_;            // as recorded, or as it is to be recorded at revision + 1 where `fresh_`
  StepCounts counts_before_;     // recorded_.counts when this step execution began
  std::optional<Position> end_;  // of the input, once the chunk that ends there is committed
  bool fresh_ = false;           // the next transaction begins a pass over the input
  bool stop_wanted_ = false;
};

}  // namespace baton

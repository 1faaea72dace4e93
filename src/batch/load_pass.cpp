#include "batch/load_pass.h"

#include "batch/chunk_retry.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

StepCounts counts_of(const Chunk& chunk, const WriteTally& tally) {
  StepCounts counts;
  counts.commit = 1;
  for (const Reject& reject : chunk.rejects) {
    counts.read_skip += reject.phase == RejectPhase::read ? 1 : 0;
    counts.process_skip += reject.phase == RejectPhase::process ? 1 : 0;
    counts.write_skip += reject.phase == RejectPhase::write ? 1 : 0;
  }
  counts.write_skip += static_cast<std::int64_t>(tally.rejects.size());
  counts.read = static_cast<std::int64_t>(chunk.records) - counts.read_skip;
  counts.filter = static_cast<std::int64_t>(chunk.filtered + tally.filtered);
  counts.write = static_cast<std::int64_t>(tally.written);
  return counts;
}

std::vector<Reject> in_input_order(const Chunk& chunk, const WriteTally& tally) {
  std::vector<Reject> rejects = chunk.rejects;
  rejects.insert(rejects.end(), tally.rejects.begin(), tally.rejects.end());
  std::stable_sort(rejects.begin(), rejects.end(),
                   [](const Reject& a, const Reject& b) { return a.record < b.record; });
  return rejects;
}

Result<std::unique_ptr<Transaction>> begin(const StepContext& context, Database& target, Durability durability) {
  return target.begin(context.ownership.in(target.identity()), durability);
}

// The position up to which anything is committed.
const Position& highest_end(const Progress& progress) {
  return progress.above.empty() ? progress.low_water : progress.above.back().to;
}

// What became of a chunk with too many rejects, and what a person can do.
std::string refused_chunk(const Chunk& chunk, bool rolled_back) {
  const char* done = rolled_back ? "written. "
                                 : "committed; those of them that were sent come again when the job is started again, "
                                   "each batch of the same rows with the same key. ";
  return fmt::format("nothing of records {} to {} was {}Correct the input, or allow rejects with the step's `skip`",
                     chunk.from.record + 1, chunk.to.record, done);
}

// What completes the step is durable before the repository hears of it (P13).
Durability durability_of(bool completes) { return completes ? Durability::full : Durability::relaxed; }

}  // namespace

Result<WrittenChunk> write_chunk(const LoadLane& lane, const Chunk& chunk, const Authority& authority,
                                 Durability durability) {
  WrittenChunk written;
  BATON_TRY(written.transaction, lane.target->begin(authority, durability));
  BATON_TRY(written.tally, lane.writer->write_all(chunk.batches));
  return written;
}

const Position& LoadPass::highest_end() const { return baton::highest_end(recorded_); }

void LoadPass::begin_anew(const std::string& job, std::string fingerprint) {
  const std::int64_t revision = recorded_.revision;
  recorded_ = Progress{};
  end_.reset();
  recorded_.revision = revision;
  recorded_.job = job;
  recorded_.fingerprint = std::move(fingerprint);
  fresh_ = true;
}

Status LoadPass::check_rejects(const std::vector<Reject>& rejects, const StepCounts& total, bool at_end,
                               const std::string& advice) const {
  if (plan_.skip.allows(total.records(), total.rejected(), at_end)) return {};
  const std::string sentence = rejects.empty() ? plan_.input : describe(rejects.front(), plan_.input);
  return fail(ErrorKind::invalid, fmt::format("{}. {} of {} records refused, {}: {}", sentence, total.rejected(),
                                              total.records(), plan_.skip.text(), advice));
}

Result<bool> LoadPass::attempt(StepContext& context, const std::function<Status()>& chunk) const {
  const Status done = with_retry(context, plan_.retry_limit, chunk);
  if (!done && done.error().kind == ErrorKind::retry && context.stop.stop_requested()) return false;
  BATON_CHECK(done);
  return true;
}

Status LoadPass::open(StepContext& context, const LoadLane& lane, const InputIdentity& input) {
  BATON_TRY(auto transaction, begin(context, *lane.target, Durability::relaxed));
  BATON_CHECK(transaction->forget_rejects(context.progress_key()));
  BATON_CHECK(lane.writer->begin(context.instance));
  Progress next = recorded_;
  next.input = input;
  StepCounts delta;
  delta.commit = 1;
  return commit(context, *lane.target, std::move(transaction), std::move(next), delta);
}

Status LoadPass::commit_chunk(StepContext& context, const LoadLane& lane, const Chunk& chunk) {
  const bool completes = chunk.last && lane.writer->closing_chunks() == 0;
  WrittenChunk written;
  BATON_TRY(written.transaction, begin(context, *lane.target, durability_of(completes)));
  if (fresh_) {
    BATON_CHECK(written.transaction->forget_rejects(context.progress_key()));
    BATON_CHECK(lane.writer->begin(context.instance));
  }
  BATON_TRY(written.tally, lane.writer->write_all(chunk.batches));
  return record_chunk(context, lane, chunk, std::move(written), completes);
}

Status LoadPass::record_chunk(StepContext& context, const LoadLane& lane, const Chunk& chunk, WrittenChunk written,
                              bool completes) {
  const StepCounts delta = counts_of(chunk, written.tally);
  Progress next = recorded_;
  if (highest_end() <= chunk.to) next.input = chunk.input;
  if (chunk.from.offset != chunk.to.offset) {
    BATON_TRY(next, with_range(std::move(next), {chunk.from, chunk.to}));
  }
  std::optional<Position> end = end_;
  if (chunk.last) end = std::max(chunk.to, baton::highest_end(next));  // the rest may have been committed before
  next.input_done = end && next.above.empty() && next.low_water.offset == end->offset;
  next.complete = next.input_done && completes;
  const std::vector<Reject> rejects = in_input_order(chunk, written.tally);
  BATON_CHECK(check_rejects(rejects, recorded_.counts + delta, next.input_done,
                            refused_chunk(chunk, lane.writer->rolls_back())));
  BATON_CHECK(
      written.transaction->save_rejects(context.progress_key(), context.job, context.job_execution_id, rejects));
  BATON_CHECK(commit(context, *lane.target, std::move(written.transaction), std::move(next), delta));
  end_ = end;
  return {};
}

Result<bool> LoadPass::staging_is_whole(const LoadLane& lane) const {
  if (fresh_ || recorded_.complete) return true;
  return lane.writer->staging_is_whole(static_cast<std::uint64_t>(recorded_.counts.write));
}

std::string LoadPass::lost_staging() const {
  return fmt::format("rows that were staged for table {} are lost: somebody dropped or emptied the staging table",
                     plan_.table.name);
}

// Rejects in the input's order, of which no more than `skip` allows.
Result<ClosingTally> LoadPass::close_rows(StepContext& context, const LoadLane& lane, int index) const {
  BATON_TRY(const bool whole, staging_is_whole(lane));
  if (!whole) return fail(ErrorKind::invalid, lost_staging());
  const StepCounts& counts = recorded_.counts;
  const std::int64_t most = std::max<std::int64_t>(0, plan_.skip.most(counts.records()) - counts.rejected());
  BATON_TRY(ClosingTally tally, lane.writer->close(index, counts.rejected() == 0, static_cast<std::uint64_t>(most)));
  std::vector<Reject>& rejects = tally.rejects;
  if (rejects.empty()) return tally;
  std::stable_sort(rejects.begin(), rejects.end(),
                   [](const Reject& a, const Reject& b) { return a.record < b.record; });
  StepCounts total = counts;
  total.write_skip += static_cast<std::int64_t>(rejects.size());
  BATON_CHECK(check_rejects(
      rejects, total, true,
      fmt::format(
          "table {} is as it was. Correct what it refers to, or allow rejects with the step's `skip`, and start "
          "the job again; or end this run with: baton abandon {}",
          plan_.table.name, context.job)));
  return tally;
}

// Rows that are refused or filtered here were counted as written when they were staged.
Status LoadPass::close_chunk(StepContext& context, const LoadLane& lane, int index) {
  const int closing = lane.writer->closing_chunks();
  const bool completes = index + 1 >= closing;
  BATON_TRY(auto transaction, begin(context, *lane.target, durability_of(completes)));
  StepCounts delta;
  delta.commit = 1;
  if (index < closing) {
    BATON_TRY(const ClosingTally tally, close_rows(context, lane, index));
    BATON_CHECK(
        transaction->save_rejects(context.progress_key(), context.job, context.job_execution_id, tally.rejects));
    delta.write_skip = static_cast<std::int64_t>(tally.rejects.size());
    delta.filter = static_cast<std::int64_t>(tally.filtered);
    delta.write = -delta.write_skip - delta.filter;
  }
  Progress next = recorded_;
  next.closing_done = index + 1;
  next.complete = completes;
  return commit(context, *lane.target, std::move(transaction), std::move(next), delta);
}

// Steps 4 to 6; on success the step and its progress are what was committed.
Status LoadPass::commit(StepContext& context, Database& target, std::unique_ptr<Transaction> transaction, Progress next,
                        const StepCounts& delta) {
  const std::int64_t expected = recorded_.revision;
  next.revision = expected + 1;
  next.counts += delta;
  next.step_execution_id = context.step.id;
  next.counts_before = counts_before_;
  StepExecution step = context.step;
  step.counts += delta;
  BATON_CHECK(transaction->save_progress(context.progress_key(), next, expected));
  bool stop_wanted = stop_wanted_;
  if (context.writes_to_repository(target)) {
    BATON_TRY(const BatchStatus job_status, transaction->update_step(step));
    stop_wanted = job_status == BatchStatus::stopping || job_status == BatchStatus::stopped;
  }
  const Status committed = transaction->commit();
  transaction.reset();
  if (!committed) {
    if (committed.error().kind != ErrorKind::unknown_outcome) return committed;
    const Result<bool> mine = was_committed(context, target, next.revision);
    if (!mine) return fail(ErrorKind::unknown_outcome, mine.error().message);
    if (!*mine) return fail(not_done(committed.error()));
  }
  recorded_ = std::move(next);
  context.step = std::move(step);
  stop_wanted_ = stop_wanted;
  fresh_ = false;
  return {};
}

Status LoadPass::after_commit(StepContext& context, const LoadLane& lane, std::uint64_t input_bytes) {
  if (!context.writes_to_repository(*lane.target)) {
    BATON_TRY(stop_wanted_, save_step(context));
  }
  context.progressed();
  context.listener.committed({plan_.name, context.step.counts, recorded_.low_water.offset, input_bytes});
  return {};
}

}  // namespace baton

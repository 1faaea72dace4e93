#include "batch/load_step.h"

#include "batch/chunk_retry.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

// What a restart makes of the recorded progress (P11).
enum class Begin { anew, go_on, close_only };

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
  counts.filter = static_cast<std::int64_t>(chunk.filtered);
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

// Another program executed the step later than progress was last made, or there is none: how much of the input it has
// written is not known.
bool is_foreign(const std::optional<Progress>& recorded, std::int64_t foreign_step) {
  return foreign_step > (recorded ? recorded->step_execution_id : 0);
}

std::string foreign_rows(const std::string& job, const std::string& step, std::int64_t foreign_step) {
  return fmt::format(
      "step \"{0}\" of \"{1}\": a program other than Baton has worked on it in this run (step execution {2}), and "
      "which "
      "rows it has committed is not known; appending the input again could repeat them. Take them out of the table, "
      "then: baton restart {1} --from-start; or end this run with: baton abandon {1}",
      step, job, foreign_step);
}

class LoadStep final : public Step {
 public:
  LoadStep(LoadPlan plan, LoadParts parts) : plan_(std::move(plan)), parts_(std::move(parts)) {}

  const std::string& name() const override { return plan_.name; }
  Database* database() const override { return parts_.target; }
  Result<StepEnd> run(StepContext& context) override;
  Status discard(const Ownership& ownership, std::int64_t instance) override;
  Status check_carried_on(const std::string& job, const ProgressKey& key, std::int64_t foreign_step) override;

 private:
  Status open(StepContext& context);
  Result<Begin> decide(StepContext& context, const std::optional<Progress>& recorded);
  Result<Begin> differs(StepContext& context, const std::string& what) const;
  Result<Begin> begun_elsewhere(StepContext& context) const;
  Result<StepEnd> load(StepContext& context);
  Result<bool> attempt(StepContext& context, const std::function<Status()>& chunk);
  Result<std::unique_ptr<Transaction>> begin(StepContext& context, bool completes);
  Status commit_chunk(StepContext& context, const Chunk& chunk);
  Status close_chunk(StepContext& context, int index);
  Result<WriteTally> write(const Chunk& chunk);
  Status check_rejects(const Chunk& chunk, const std::vector<Reject>& rejects, const StepCounts& total) const;
  Status commit(StepContext& context, std::unique_ptr<Transaction> transaction, Progress next, const StepCounts& delta);
  Result<bool> after_commit(StepContext& context);

  LoadPlan plan_;
  LoadParts parts_;
  std::unique_ptr<TableWriter> writer_;
  Progress progress_;         // as recorded, or as it is to be recorded at revision + 1 where `fresh_`
  StepCounts counts_before_;  // progress_.counts when this step execution began
  bool fresh_ = false;        // the next transaction begins a pass over the input
  bool stop_wanted_ = false;
};

Status LoadStep::open(StepContext& context) {
  const std::string where = context.job + "/" + plan_.name;
  plan_.table.repository_id = context.ownership.repository_id;
  writer_ = parts_.target->table_writer(plan_.table, where);
  BATON_TRY(std::vector<std::string> columns, writer_->columns());
  for (auto processor = parts_.processors.rbegin(); processor != parts_.processors.rend(); ++processor) {
    columns = (*processor)->inputs_for(columns);
  }
  BATON_TRY(columns, parts_.reader->open(columns));
  for (const auto& processor : parts_.processors) {
    BATON_TRY(columns, processor->bind(columns));
  }
  return writer_->bind(columns);
}

Result<Begin> LoadStep::differs(StepContext& context, const std::string& what) const {
  if (plan_.table.mode != WriteMode::append) {
    context.listener.note(fmt::format("step \"{}\" begins anew: {}", plan_.name, what));
    return Begin::anew;
  }
  return fail(
      ErrorKind::invalid,
      fmt::format("step \"{}\": {}, and {} rows of this run are committed; appending it again would repeat them. "
                  "Put the old one back, or end this run with: baton abandon {}",
                  plan_.name, what, progress_.counts.write, context.job));
}

Result<Begin> LoadStep::begun_elsewhere(StepContext& context) const {
  if (plan_.table.mode == WriteMode::append && !context.from_start) {
    return fail(ErrorKind::invalid, foreign_rows(context.job, plan_.name, context.foreign_step));
  }
  context.listener.note(
      fmt::format("step \"{}\" begins anew: a program other than Baton has worked on it (step execution {})",
                  plan_.name, context.foreign_step));
  return Begin::anew;
}

Status LoadStep::check_carried_on(const std::string& job, const ProgressKey& key, std::int64_t foreign_step) {
  if (plan_.table.mode != WriteMode::append) return {};
  BATON_TRY(const std::optional<Progress> recorded, parts_.target->read_progress(key));
  if (!is_foreign(recorded, foreign_step)) return {};
  return fail(ErrorKind::invalid, foreign_rows(job, plan_.name, foreign_step));
}

Result<Begin> LoadStep::decide(StepContext& context, const std::optional<Progress>& recorded) {
  if (recorded) progress_ = *recorded;
  if (is_foreign(recorded, context.foreign_step)) return begun_elsewhere(context);
  if (!recorded && context.written_before > 0) {
    progress_.counts.write = context.written_before;
    return differs(context, "its target is another database than the one that this run has written to");
  }
  if (!recorded) return Begin::anew;
  if (progress_.fingerprint != plan_.fingerprint)
    return differs(context, "its reader, process, target, mode or key changed");
  if (progress_.input_done) return Begin::close_only;
  if (!progress_.above.empty()) {
    return fail(ErrorKind::invalid,
                fmt::format("step \"{}\" was begun with several writers, which this version does not know: "
                            "carry it on with the version that began it, or baton abandon {}",
                            plan_.name, context.job));
  }
  const auto identity = parts_.reader->identity(progress_.low_water);
  if (!identity && identity.error().kind != ErrorKind::invalid) return fail(identity.error());
  if (!identity || *identity != progress_.input) return differs(context, plan_.input + " is not the file it was");
  return Begin::go_on;
}

Result<StepEnd> LoadStep::run(StepContext& context) {
  BATON_TRY(const std::optional<Progress> recorded, parts_.target->read_progress(context.progress_key()));
  const bool foreign = is_foreign(recorded, context.foreign_step);
  if (recorded && recorded->complete && !foreign) return StepEnd::completed;  // its input may be gone
  BATON_CHECK(open(context));
  BATON_TRY(const Begin begin, decide(context, recorded));
  fresh_ = begin == Begin::anew;
  if (fresh_) {
    const std::int64_t revision = progress_.revision;
    progress_ = Progress{};
    progress_.revision = revision;
    progress_.job = context.job;
    progress_.fingerprint = plan_.fingerprint;
  } else {
    BATON_CHECK(writer_->resume(context.instance));
  }
  counts_before_ = progress_.counts;
  if (begin == Begin::go_on) BATON_CHECK(parts_.reader->resume(progress_.low_water));
  if (begin != Begin::close_only) {
    BATON_TRY(const StepEnd end, load(context));
    if (end == StepEnd::stopped) return end;
  }
  while (!progress_.complete) {
    if (stop_wanted_ || context.stop.stop_requested()) return StepEnd::stopped;
    const int index = progress_.closing_done;
    BATON_TRY(const bool done, attempt(context, [&] { return close_chunk(context, index); }));
    if (!done) return StepEnd::stopped;
    BATON_TRY(stop_wanted_, after_commit(context));
  }
  return StepEnd::completed;
}

Status LoadStep::discard(const Ownership& ownership, std::int64_t instance) {
  const Authority authority = ownership.in(parts_.target->identity());
  BATON_TRY(const auto transaction, parts_.target->begin(authority, Durability::relaxed));
  plan_.table.repository_id = ownership.repository_id;
  BATON_CHECK(parts_.target->table_writer(plan_.table, ownership.job + "/" + plan_.name)->discard(instance));
  return transaction->commit();
}

Result<StepEnd> LoadStep::load(StepContext& context) {
  const auto source = parts_.chunks({*parts_.reader, parts_.processors, *writer_, progress_.low_water}, plan_.chunk);
  while (!progress_.input_done) {
    if (stop_wanted_ || context.stop.stop_requested()) return StepEnd::stopped;
    BATON_TRY(const Chunk chunk, source->next());
    BATON_TRY(const bool done, attempt(context, [&] { return commit_chunk(context, chunk); }));
    if (!done) return StepEnd::stopped;
    BATON_TRY(stop_wanted_, after_commit(context));
  }
  return StepEnd::completed;
}

Result<WriteTally> LoadStep::write(const Chunk& chunk) {
  WriteTally tally;
  for (const auto& batch : chunk.batches) {
    BATON_TRY(WriteTally one, writer_->write(*batch));
    tally.written += one.written;
    std::move(one.rejects.begin(), one.rejects.end(), std::back_inserter(tally.rejects));
  }
  return tally;
}

Status LoadStep::check_rejects(const Chunk& chunk, const std::vector<Reject>& rejects, const StepCounts& total) const {
  if (plan_.skip.allows(total.records(), total.rejected(), chunk.last)) return {};
  const std::string sentence = rejects.empty() ? plan_.input : describe(rejects.front(), plan_.input);
  return fail(
      ErrorKind::invalid,
      fmt::format("{}. {} of {} records refused, {}: nothing of records {} to {} was written. Correct the input, or "
                  "allow rejects with the step's `skip`",
                  sentence, total.rejected(), total.records(), plan_.skip.text(), chunk.from.record + 1,
                  chunk.to.record));
}

// One chunk, with its repeats. False if a stop ended the repeats: nothing of the chunk is done.
Result<bool> LoadStep::attempt(StepContext& context, const std::function<Status()>& chunk) {
  const Status done = with_retry(context, plan_.retry_limit, chunk);
  if (!done && done.error().kind == ErrorKind::retry && context.stop.stop_requested()) return false;
  BATON_CHECK(done);
  return true;
}

// Step 1. What completes the step is durable before the repository hears of it.
Result<std::unique_ptr<Transaction>> LoadStep::begin(StepContext& context, bool completes) {
  return parts_.target->begin(context.ownership.in(parts_.target->identity()),
                              completes ? Durability::full : Durability::relaxed);
}

Status LoadStep::commit_chunk(StepContext& context, const Chunk& chunk) {
  const bool completes = chunk.last && writer_->closing_chunks() == 0;
  BATON_TRY(auto transaction, begin(context, completes));
  if (fresh_) {
    BATON_CHECK(transaction->forget_rejects(context.progress_key()));
    BATON_CHECK(writer_->begin(context.instance));
  }
  BATON_TRY(const WriteTally tally, write(chunk));
  const StepCounts delta = counts_of(chunk, tally);
  const std::vector<Reject> rejects = in_input_order(chunk, tally);
  BATON_CHECK(check_rejects(chunk, rejects, progress_.counts + delta));
  BATON_CHECK(transaction->save_rejects(context.progress_key(), context.job, context.job_execution_id, rejects));
  Progress next = progress_;
  if (chunk.from.offset != chunk.to.offset) {
    BATON_TRY(next, with_range(std::move(next), {chunk.from, chunk.to}));
  }
  next.input = chunk.input;
  next.input_done = chunk.last;
  next.complete = completes;
  return commit(context, std::move(transaction), std::move(next), delta);
}

Status LoadStep::close_chunk(StepContext& context, int index) {
  const bool completes = index + 1 == writer_->closing_chunks();
  BATON_TRY(auto transaction, begin(context, completes));
  BATON_CHECK(writer_->close(index, progress_.counts.rejected() == 0));
  Progress next = progress_;
  next.closing_done = index + 1;
  next.complete = completes;
  StepCounts delta;
  delta.commit = 1;
  return commit(context, std::move(transaction), std::move(next), delta);
}

// Steps 4 to 6; on success the step and its progress are what was committed.
Status LoadStep::commit(StepContext& context, std::unique_ptr<Transaction> transaction, Progress next,
                        const StepCounts& delta) {
  const std::int64_t expected = progress_.revision;
  next.revision = expected + 1;
  next.counts += delta;
  next.step_execution_id = context.step.id;
  next.counts_before = counts_before_;
  StepExecution step = context.step;
  step.counts += delta;
  BATON_CHECK(transaction->save_progress(context.progress_key(), next, expected));
  if (context.writes_to_repository(*parts_.target)) {
    BATON_TRY(const BatchStatus job_status, transaction->update_step(step));
    stop_wanted_ = job_status == BatchStatus::stopping || job_status == BatchStatus::stopped;
  }
  const Status committed = transaction->commit();
  transaction.reset();
  if (!committed) {
    if (committed.error().kind != ErrorKind::unknown_outcome) return committed;
    const Result<bool> mine = was_committed(context, *parts_.target, next.revision);
    if (!mine) return fail(ErrorKind::unknown_outcome, mine.error().message);
    if (!*mine) return fail(ErrorKind::retry, committed.error().message);
  }
  progress_ = std::move(next);
  context.step = std::move(step);
  fresh_ = false;
  return {};
}

// Tells the repository where it is another database, and the listener. True if a stop is wanted.
Result<bool> LoadStep::after_commit(StepContext& context) {
  bool stop = stop_wanted_;
  if (!context.writes_to_repository(*parts_.target)) {
    BATON_TRY(stop, save_step(context));
  }
  context.listener.committed(
      {plan_.name, context.step.counts, progress_.low_water.offset, parts_.reader->size_bytes()});
  return stop;
}

}  // namespace

std::unique_ptr<Step> make_load_step(LoadPlan plan, LoadParts parts) {
  return std::make_unique<LoadStep>(std::move(plan), std::move(parts));
}

}  // namespace baton

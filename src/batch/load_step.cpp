#include "batch/load_step.h"

#include "batch/load_pass.h"
#include "batch/native_columns.h"
#include "batch/parallel_load.h"
#include "batch/row_target.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

// What a restart makes of the recorded progress (P11).
enum class Begin { anew, go_on, close_only };

// Behind the fingerprint of an upsert that was begun with staging, for several writers: it is carried on so, whatever
// `writers` says now.
constexpr const char* staged_mark = "/staged";

// Another program executed the step later than progress was last made, or there is none: how much of the input it has
// written is not known.
bool is_foreign(const std::optional<Progress>& recorded, std::int64_t foreign_step) {
  return foreign_step > (recorded ? recorded->step_execution_id : 0);
}

std::string foreign_rows(const std::string& job, const std::string& step, std::int64_t foreign_step) {
  return fmt::format(
      "step \"{0}\" of \"{1}\": a program other than Baton has worked on it in this run (step execution {2}), and "
      "which rows it has committed is not known; appending the input again could repeat them. Take them out of the "
      "table, "
      "then: baton restart {1} --from-start; or end this run with: baton abandon {1}",
      step, job, foreign_step);
}

class LoadStep final : public Step {
 public:
  LoadStep(LoadPlan plan, LoadParts parts)
      : plan_(std::move(plan)), parts_(std::move(parts)), pass_(plan_), writers_(parts_.targets.size()) {}

  const std::string& name() const override { return plan_.name; }
  Database* database() const override { return parts_.targets.front(); }
  Result<StepEnd> run(StepContext& context) override;
  Status discard(const Ownership& ownership, std::int64_t instance) override;
  Status check_carried_on(const std::string& job, const ProgressKey& key, std::int64_t foreign_step) override;

 private:
  void choose_writers(const std::optional<Progress>& recorded);
  std::string fingerprint() const;
  std::unique_ptr<TableWriter> writer_on(Database& target, const std::string& job) const;
  Status begin_run(const StepContext& context);
  Status open(StepContext& context);
  Result<Begin> decide(StepContext& context, const std::optional<Progress>& recorded);
  Result<Begin> differs(StepContext& context, const std::string& what, std::int64_t written) const;
  Result<Begin> begun_elsewhere(StepContext& context) const;
  Result<StepEnd> run_open(StepContext& context);
  Begin without_staging(StepContext& context) const;
  Result<StepEnd> load_and_close(StepContext& context, Begin begin);
  Result<StepEnd> load(StepContext& context);
  Result<StepEnd> load_in_order(StepContext& context, ChunkSource& source);
  Result<StepEnd> load_in_parallel(StepContext& context, ChunkSource& source);
  Result<bool> open_pass(StepContext& context);
  Result<StepEnd> close(StepContext& context);
  bool stops(const StepContext& context) const { return pass_.stop_wanted() || context.stop.stop_requested(); }

  LoadPlan plan_;
  LoadParts parts_;
  JobRun run_;  // the one that the parts work for
  LoadPass pass_;
  std::size_t writers_;          // lanes that are used
  std::vector<LoadLane> lanes_;  // the first one encodes, and does what is done alone
};

// An upsert of several writers stages, one of a single writer does not: the last record of a key wins, and only
// staging keeps the input's order. The recorded pass decides, if there is one.
void LoadStep::choose_writers(const std::optional<Progress>& recorded) {
  writers_ = parts_.targets.size();
  plan_.table.writers = static_cast<int>(writers_);
  if (!recorded || plan_.table.mode != WriteMode::upsert) return;
  if (recorded->fingerprint == plan_.fingerprint) {
    writers_ = 1;
    plan_.table.writers = 1;
  } else if (recorded->fingerprint == plan_.fingerprint + staged_mark) {
    plan_.table.writers = std::max(plan_.table.writers, 2);
  }
}

std::string LoadStep::fingerprint() const {
  const bool staged = plan_.table.mode == WriteMode::upsert && plan_.table.writers > 1;
  return plan_.fingerprint + (staged ? staged_mark : "");
}

std::unique_ptr<TableWriter> LoadStep::writer_on(Database& target, const std::string& job) const {
  const std::string where = job + "/" + plan_.name;
  return parts_.rows != nullptr ? make_row_target(*parts_.rows, where) : target.table_writer(plan_.table, where);
}

Status LoadStep::begin_run(const StepContext& context) {
  run_ = job_run(context);
  BATON_CHECK(parts_.reader->begin_run(run_));
  for (const auto& processor : parts_.processors) BATON_CHECK(processor->begin_run(run_));
  return parts_.rows != nullptr ? parts_.rows->begin_run(run_) : Status();
}

Status LoadStep::open(StepContext& context) {
  plan_.table.repository_id = context.ownership.repository_id;
  lanes_.clear();
  for (std::size_t lane = 0; lane < writers_; ++lane) {
    lanes_.push_back({parts_.targets[lane], writer_on(*parts_.targets[lane], context.job)});
  }
  BATON_TRY(std::vector<std::string> columns, lanes_.front().writer->columns());
  for (auto processor = parts_.processors.rbegin(); processor != parts_.processors.rend(); ++processor) {
    columns = (*processor)->inputs_for(columns);
  }
  BATON_TRY(columns, parts_.reader->open(columns));
  for (const auto& processor : parts_.processors) {
    BATON_TRY(columns, processor->bind(columns));
  }
  for (const LoadLane& lane : lanes_) BATON_CHECK(lane.writer->bind(columns));
  settle_native_columns(*parts_.reader, parts_.processors, *lanes_.front().writer);
  return {};
}

Result<Begin> LoadStep::differs(StepContext& context, const std::string& what, std::int64_t written) const {
  if (plan_.table.mode != WriteMode::append) {
    context.listener.note(fmt::format("step \"{}\" begins anew: {}", plan_.name, what));
    return Begin::anew;
  }
  return fail(
      ErrorKind::invalid,
      fmt::format("step \"{}\": {}, and {} rows of this run are committed; appending it again would repeat them. "
                  "Put the old one back, or end this run with: baton abandon {}",
                  plan_.name, what, written, context.job));
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
  BATON_TRY(const std::optional<Progress> recorded, database()->read_progress(key));
  if (!is_foreign(recorded, foreign_step)) return {};
  return fail(ErrorKind::invalid, foreign_rows(job, plan_.name, foreign_step));
}

Result<Begin> LoadStep::decide(StepContext& context, const std::optional<Progress>& recorded) {
  if (recorded) pass_.carry_on(*recorded);
  if (is_foreign(recorded, context.foreign_step)) return begun_elsewhere(context);
  if (!recorded && context.written_before > 0) {
    return differs(context, "its target is another database than the one that this run has written to",
                   context.written_before);
  }
  if (!recorded) return Begin::anew;
  if (recorded->fingerprint != fingerprint())
    return differs(context, "its reader, process, target, mode or key changed", recorded->counts.write);
  if (recorded->input_done) return Begin::close_only;
  const auto identity = parts_.reader->identity(pass_.highest_end());
  if (!identity && identity.error().kind != ErrorKind::invalid) return fail(identity.error());
  if (!identity || *identity != recorded->input)
    return differs(context, plan_.input + " is not the input it was", recorded->counts.write);
  return Begin::go_on;
}

Result<StepEnd> LoadStep::run(StepContext& context) {
  const Result<StepEnd> end = run_open(context);
  parts_.reader->close();  // the steps that follow may read there too
  return end;
}

Result<StepEnd> LoadStep::run_open(StepContext& context) {
  BATON_TRY(const std::optional<Progress> recorded, database()->read_progress(context.progress_key()));
  const bool foreign = is_foreign(recorded, context.foreign_step);
  if (recorded && recorded->complete && !foreign) return StepEnd::completed;  // its input may be gone
  choose_writers(recorded);
  BATON_CHECK(begin_run(context));
  BATON_CHECK(open(context));
  BATON_TRY(Begin begin, decide(context, recorded));
  if (begin != Begin::anew) {
    for (const LoadLane& lane : lanes_) BATON_CHECK(lane.writer->resume(context.instance));
    BATON_TRY(const bool whole, pass_.staging_is_whole(lanes_.front()));
    if (!whole) begin = without_staging(context);
  }
  const Result<StepEnd> end = load_and_close(context, begin);
  if (end || end.error().kind != ErrorKind::invalid) return end;
  // Was it because the staging was lost meanwhile?
  const Result<bool> whole = pass_.staging_is_whole(lanes_.front());
  if (!whole || *whole) return end;
  context.step.counts = {};
  BATON_CHECK(open(context));
  return load_and_close(context, without_staging(context));
}

// Nothing of the target was changed yet, or a merge was, whose repetition changes nothing.
Begin LoadStep::without_staging(StepContext& context) const {
  context.listener.note(fmt::format("step \"{}\" begins anew: {}", plan_.name, pass_.lost_staging()));
  return Begin::anew;
}

Result<StepEnd> LoadStep::load_and_close(StepContext& context, Begin begin) {
  if (begin == Begin::anew) pass_.begin_anew(context.job, fingerprint());
  pass_.count_from_here();
  if (begin == Begin::go_on) BATON_CHECK(parts_.reader->resume(pass_.recorded().low_water));
  if (begin != Begin::close_only) {
    const Result<StepEnd> end = load(context);
    // A part that waited for something and gave up, because a stop is wanted.
    if (!end && end.error().kind == ErrorKind::retry && context.stop.stop_requested()) return StepEnd::stopped;
    BATON_CHECK(end);
    if (*end == StepEnd::stopped) return end;
  }
  return close(context);
}

Status LoadStep::discard(const Ownership& ownership, std::int64_t instance) {
  Database& target = *database();
  BATON_TRY(const auto transaction, target.begin(ownership.in(target.identity()), Durability::relaxed));
  plan_.table.repository_id = ownership.repository_id;
  BATON_CHECK(writer_on(target, ownership.job)->discard(instance));
  return transaction->commit();
}

Result<StepEnd> LoadStep::load(StepContext& context) {
  if (lanes_.size() > 1 && pass_.fresh()) {
    if (stops(context)) return StepEnd::stopped;
    BATON_TRY(const bool opened, open_pass(context));
    if (!opened) return StepEnd::stopped;
  }
  const Progress& recorded = pass_.recorded();
  const auto source = parts_.chunks({*parts_.reader, parts_.processors, *lanes_.front().writer, recorded.low_water,
                                     recorded.above, [&context] { context.progressed(); }},
                                    plan_.chunk);
  return lanes_.size() > 1 ? load_in_parallel(context, *source) : load_in_order(context, *source);
}

// What several writers need before the first of them writes. False if a stop came first.
Result<bool> LoadStep::open_pass(StepContext& context) {
  BATON_TRY(const InputIdentity input, parts_.reader->identity({}));
  BATON_TRY(const bool done, pass_.attempt(context, [&] { return pass_.open(context, lanes_.front(), input); }));
  if (!done) return false;
  BATON_CHECK(pass_.after_commit(context, lanes_.front(), parts_.reader->size_bytes()));
  for (std::size_t lane = 1; lane < lanes_.size(); ++lane) {
    BATON_CHECK(lanes_[lane].writer->resume(context.instance));
  }
  return true;
}

Result<StepEnd> LoadStep::load_in_order(StepContext& context, ChunkSource& source) {
  const LoadLane& lane = lanes_.front();
  while (!pass_.recorded().input_done) {
    if (stops(context)) return StepEnd::stopped;
    BATON_TRY(const Chunk chunk, source.next());
    BATON_TRY(const bool done, pass_.attempt(context, [&] { return pass_.commit_chunk(context, lane, chunk); }));
    if (!done) return StepEnd::stopped;
    BATON_CHECK(pass_.after_commit(context, lane, parts_.reader->size_bytes()));
  }
  return StepEnd::completed;
}

Result<StepEnd> LoadStep::load_in_parallel(StepContext& context, ChunkSource& source) {
  BATON_TRY(const auto threads, parts_.lanes(lanes_.size()));
  return ParallelLoad(pass_, lanes_, *threads, parts_.reader->size_bytes()).run(context, source);
}

Result<StepEnd> LoadStep::close(StepContext& context) {
  const LoadLane& lane = lanes_.front();
  while (!pass_.recorded().complete) {
    if (stops(context)) return StepEnd::stopped;
    const int index = pass_.recorded().closing_done;
    BATON_TRY(const bool done, pass_.attempt(context, [&] { return pass_.close_chunk(context, lane, index); }));
    if (!done) return StepEnd::stopped;
    BATON_CHECK(pass_.after_commit(context, lane, parts_.reader->size_bytes()));
  }
  return StepEnd::completed;
}

}  // namespace

std::unique_ptr<Step> make_load_step(LoadPlan plan, LoadParts parts) {
  return std::make_unique<LoadStep>(std::move(plan), std::move(parts));
}

}  // namespace baton

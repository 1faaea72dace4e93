#include "batch/native_step.h"

#include "base/utf8.h"
#include "batch/chunk_retry.h"

#include <fmt/format.h>

namespace baton {
namespace {

constexpr std::size_t most_saved_bytes = 64 * 1024;

Status check_savable(std::string_view text) {
  if (text.size() > most_saved_bytes) {
    return fail(ErrorKind::invalid,
                fmt::format("{} bytes are too much to save: expected {} at most", text.size(), most_saved_bytes));
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = utf8_character_bytes(text.substr(at));
    if (bytes == 0) {
      return fail(ErrorKind::invalid, fmt::format("what is to be saved is not UTF-8 at byte {}", at + 1));
    }
    at += bytes;
  }
  return {};
}

// One execution of the step. What the work saves is the step's progress, with the text as its position.
class NativeExecution {
 public:
  NativeExecution(const NativePlan& plan, StepContext& context, Database* database)
      : plan_(plan), context_(context), database_(database) {}

  Result<StepEnd> run(const NativeWork& work) {
    BATON_CHECK(read_saved());
    if (recorded_.complete) return StepEnd::completed;
    // A commit says whether a person wants a stop, sooner than whoever else asks for one.
    const std::stop_callback forward(context_.stop, [this] { stop_.request_stop(); });
    NativeContext native{job_run(context_), idempotency_key(context_, 0), context_.step.counts, {}, {}};
    native.stop = stop_.get_token();
    if (recorded_.revision > 0 && recorded_.fingerprint == plan_.fingerprint) native.saved = recorded_.low_water.key;
    native.save = [this, &native](const std::string& text) -> Status {
      BATON_CHECK(save(text));
      native.saved = text;
      return {};
    };
    Result<StepEnd> end = work(native);
    if (!lost_ && recorded_.revision > 0 && end && *end == StepEnd::completed) {
      if (const Status last = save(recorded_.low_water.key, true); !last) end = fail(last.error());
    }
    if (lost_) return fail(*lost_);  // whatever the work made of it
    return end;
  }

 private:
  Status read_saved() {
    if (database_ == nullptr) return {};
    BATON_TRY(auto recorded, database_->read_progress(context_.progress_key()));
    recorded_ = std::move(recorded).value_or(Progress());
    counts_before_ = recorded_.counts;
    if (recorded_.revision > 0 && recorded_.fingerprint != plan_.fingerprint) {
      context_.listener.note(
          fmt::format("step \"{}\" begins anew: its name or its options changed since it saved something", plan_.name));
    }
    return {};
  }

  Status save(const std::string& text, bool complete = false) {
    if (database_ == nullptr) return fail(ErrorKind::internal, "this step has no database to save in");
    BATON_CHECK(check_savable(text));
    const Status saved = with_retry(context_, plan_.retry_limit, [&] { return save_once(text, complete); });
    if (!saved && saved.error().kind == ErrorKind::lease_lost) {
      lost_ = saved.error();
      stop_.request_stop();
    }
    if (saved) context_.progressed();
    return saved;
  }

  Status save_once(const std::string& text, bool complete) {
    BATON_TRY(auto transaction, database_->begin(context_.ownership.in(database_->identity()), Durability::full));
    StepExecution step = context_.step;
    ++step.counts.commit;
    Progress next = recorded_;
    next.job = context_.job;
    next.revision = recorded_.revision + 1;
    next.fingerprint = plan_.fingerprint;
    next.low_water.key = text;
    next.input_done = next.complete = complete;
    next.counts = counts_before_;
    next.counts += step.counts;
    next.step_execution_id = step.id;
    next.counts_before = counts_before_;
    BATON_CHECK(transaction->save_progress(context_.progress_key(), next, recorded_.revision));
    BATON_TRY(const BatchStatus job_status, transaction->update_step(step));
    const Status committed = transaction->commit();
    transaction.reset();
    if (!committed) {
      if (committed.error().kind != ErrorKind::unknown_outcome) return committed;
      BATON_TRY(const bool done, was_committed(context_, *database_, next.revision));
      if (!done) return fail(not_done(committed.error()));
    }
    recorded_ = std::move(next);
    context_.step = std::move(step);
    if (job_status == BatchStatus::stopping || job_status == BatchStatus::stopped) stop_.request_stop();
    return {};
  }

  const NativePlan& plan_;
  StepContext& context_;
  Database* database_;
  Progress recorded_;
  StepCounts counts_before_;  // of the executions before
  std::stop_source stop_;
  std::optional<Error> lost_;
};

class NativeStep final : public Step {
 public:
  NativeStep(NativePlan plan, NativeWork work, Database* database)
      : plan_(std::move(plan)), work_(std::move(work)), database_(database) {}

  const std::string& name() const override { return plan_.name; }
  Database* database() const override { return database_; }

  Result<StepEnd> run(StepContext& context) override {
    if (context.stop.stop_requested()) return StepEnd::stopped;
    return NativeExecution(plan_, context, database_).run(work_);
  }

 private:
  NativePlan plan_;
  NativeWork work_;
  Database* database_;
};

}  // namespace

std::unique_ptr<Step> make_native_step(NativePlan plan, NativeWork work, Database* saves) {
  return std::make_unique<NativeStep>(std::move(plan), std::move(work), saves);
}

}  // namespace baton

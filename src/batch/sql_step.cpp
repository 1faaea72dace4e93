#include "batch/sql_step.h"

#include "batch/chunk_retry.h"
#include "batch/md5.h"

#include <fmt/format.h>

namespace baton {
namespace {

// The counts of a step execution are of records read and written; a statement reads none.
std::string changed_text(std::int64_t rows) { return fmt::format("{} row{} changed", rows, rows == 1 ? "" : "s"); }

class SqlStep final : public Step {
 public:
  SqlStep(SqlPlan plan, Database* target) : plan_(std::move(plan)), target_(target) {}

  const std::string& name() const override { return plan_.name; }
  Database* database() const override { return target_; }

  Result<StepEnd> run(StepContext& context) override {
    if (context.stop.stop_requested()) return StepEnd::stopped;
    const std::stop_callback cancel(context.stop, [this] { target_->interrupt(); });
    const Status done = with_retry(context, plan_.retry_limit,
                                   [&] { return plan_.transaction ? once(context) : unprotected(context); });
    if (!done && done.error().kind == ErrorKind::retry && context.stop.stop_requested()) return StepEnd::stopped;
    if (!done) return fail(done.error().kind, fmt::format("step \"{}\": {}", plan_.name, done.error().message));
    return StepEnd::completed;
  }

 private:
  Status once(StepContext& context) {
    const ProgressKey key = context.progress_key();
    BATON_TRY(const std::optional<Progress> recorded, target_->read_progress(key));
    if (recorded && recorded->complete) return {};
    BATON_TRY(auto transaction, target_->begin(context.ownership.in(target_->identity()), Durability::full));
    BATON_TRY(const std::int64_t changed, transaction->execute(plan_.statement));
    const std::int64_t expected = recorded ? recorded->revision : 0;
    Progress next;
    next.job = context.job;
    next.revision = expected + 1;
    next.fingerprint = md5_hex(plan_.statement);
    next.input_done = next.complete = true;
    next.counts.commit = 1;
    next.step_execution_id = context.step.id;
    StepExecution step = context.step;
    step.counts += next.counts;
    step.exit.description = changed_text(changed);
    BATON_CHECK(transaction->save_progress(key, next, expected));
    if (context.writes_to_repository(*target_)) BATON_CHECK(transaction->update_step(step));
    const Status committed = transaction->commit();
    transaction.reset();
    if (!committed) {
      if (committed.error().kind != ErrorKind::unknown_outcome) return committed;
      BATON_TRY(const bool done, was_committed(context, *target_, next.revision));
      if (!done) return fail(not_done(committed.error()));
    }
    context.step = std::move(step);
    return {};
  }

  Status unprotected(StepContext& context) {
    BATON_TRY(const std::int64_t changed,
              target_->execute_unprotected(context.ownership.in(target_->identity()), plan_.statement));
    context.step.exit.description = changed_text(changed);
    return {};
  }

  SqlPlan plan_;
  Database* target_;
};

}  // namespace

std::unique_ptr<Step> make_sql_step(SqlPlan plan, Database* target) {
  return std::make_unique<SqlStep>(std::move(plan), target);
}

}  // namespace baton

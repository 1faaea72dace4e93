// The steps of simulated jobs: the shipped step classes over an input of numbered rows.
#include "batch/load_step.h"
#include "batch/native_step.h"
#include "batch/sql_step.h"
#include "tests/doubles/inline_chunk_source.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/job_work.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

// Row i is at offset i.
class RowReader final : public Reader {
 public:
  RowReader(ReplicaProcess& process, const SimulatedJob& job, const SimulatedStep& step)
      : process_(process), job_(job), step_(step) {}

  Result<std::vector<std::string>> open(const std::vector<std::string>& /*wanted*/) override {
    return std::vector<std::string>{"row"};
  }
  Result<InputIdentity> identity(const Position& end) override {
    return InputIdentity{step_.name, step_.rows, 1, std::to_string(end.record)};
  }
  Status resume(const Position& from) override {
    next_ = from.record;
    return {};
  }
  Result<bool> read(RowBatch& batch, const ReadLimits& limits) override {
    batch.clear();
    batch.columns = 1;
    BATON_CHECK(work());
    while (next_ < step_.rows && batch.read < limits.rows) {
      RowPlace place;
      place.record = ++next_;
      batch.rows.push_back(place);
      batch.fields.push_back({});
      ++batch.read;
    }
    batch.end = {next_, next_, next_ + 1, ""};
    return batch.read > 0;
  }
  Status finish() override { return {}; }
  std::uint64_t size_bytes() const override { return step_.rows; }

 private:
  // Reading takes time, and may go wrong.
  Status work() {
    Surroundings& world = process_.world();
    process_.clock().wait_until(process_.clock().now() + step_.work, {});
    while (world.hung_jobs.contains(job_.settings.name)) {
      process_.clock().wait_until(process_.clock().now() + Duration(100), {});
    }
    if (world.healed) return {};
    if (chance(world.random, job_.chunk_kills)) {
      world.kill(process_);
      Fiber::current()->suspend();
    }
    if (chance(world.random, job_.chunk_fails)) return fail(ErrorKind::invalid, "the input cannot be read here");
    return {};
  }

  ReplicaProcess& process_;
  const SimulatedJob& job_;
  const SimulatedStep& step_;
  std::uint64_t next_ = 0;
};

std::unique_ptr<Step> load_step(ReplicaProcess& process, const SimulatedJob& job, const SimulatedStep& step,
                                Database* database) {
  LoadPlan plan;
  plan.name = step.name;
  plan.input = step.name;
  plan.fingerprint = step.name;
  plan.table.name = step.name;
  plan.table.mode = step.mode;
  plan.chunk.rows = step.chunk_rows;
  LoadParts parts;
  parts.targets = {database};
  parts.reader = std::make_unique<RowReader>(process, job, step);
  parts.chunks = InlineChunkSource::factory();
  return make_load_step(std::move(plan), std::move(parts));
}

Result<StepEnd> native_work(ReplicaProcess& process, const SimulatedStep& step, const NativeContext& context) {
  constexpr int parts = 4;
  for (int part = 0; part < parts; ++part) {
    process.clock().wait_until(process.clock().now() + step.work / parts, context.stop);
    if (context.stop.stop_requested()) return StepEnd::stopped;
  }
  return StepEnd::completed;
}

}  // namespace

std::unique_ptr<Step> make_simulated_step(ReplicaProcess& process, const SimulatedJob& job, const SimulatedStep& step,
                                          Database* database) {
  switch (step.kind) {
    case SimulatedStep::Kind::load: return load_step(process, job, step, database);
    case SimulatedStep::Kind::sql: return make_sql_step({step.name, "INSERT", true, 3}, database);
    case SimulatedStep::Kind::native: break;
  }
  return make_native_step(
      {step.name}, [&process, &step](const NativeContext& context) { return native_work(process, step, context); });
}

}  // namespace baton

// What the rules learn of an instance with more executions than anybody loads (P10, P11).
#include "batch/last_run.h"
#include "batch/restart_rules.h"
#include "tests/contract/repository_contract.h"

namespace baton {
namespace {

class LongInstance : public RepositoryContract {
 protected:
  static constexpr int more_than_are_loaded = 60;

  void step(const JobExecution& execution, const std::string& name, BatchStatus status, std::int64_t rows) {
    StepExecution row = executions().start_step(authority(), execution.id, name).value();
    row.status = status;
    row.counts.write = rows;
    row.ended = clock_.wall_now();
    ASSERT_TRUE(executions().update_step(authority(), row));
  }
  std::int64_t begin_and_fail(std::optional<std::int64_t> instance, StartReason reason,
                              const std::function<void(const JobExecution&)>& steps) {
    LaunchRequest with = request(instance);
    with.reason = reason;
    JobExecution execution = std::get<JobExecution>(executions().launch(authority(), with).value());
    steps(execution);
    end(execution, BatchStatus::failed);
    return execution.instance_id;
  }
};

TEST_P(LongInstance, P11StepsOfItsFirstExecutionsCount) {
  const std::int64_t instance = begin_and_fail(std::nullopt, StartReason::schedule, [&](const JobExecution& first) {
    step(first, "extract", BatchStatus::completed, 7);
    step(first, "renamed", BatchStatus::failed, 3);
    step(first, "load", BatchStatus::failed, 2);
  });
  begin_and_fail(instance, StartReason::restart,
                 [&](const JobExecution& second) { step(second, "load", BatchStatus::completed, 5); });
  for (int i = 0; i < more_than_are_loaded; ++i) {
    begin_and_fail(instance, StartReason::restart,
                   [&](const JobExecution& one) { step(one, "call", BatchStatus::failed, 1); });
  }
  const InstanceState state = last();
  EXPECT_EQ(state.executions.front().steps.at(0).name, "call");
  EXPECT_TRUE(is_done(state, "extract"));
  EXPECT_TRUE(is_done(state, "load")) << "by its newest execution";
  EXPECT_FALSE(is_done(state, "call"));
  EXPECT_FALSE(is_done(state, "renamed"));
  EXPECT_EQ(rows_written(state, "extract"), 7);
  EXPECT_EQ(rows_written(state, "load"), 7);
  EXPECT_EQ(rows_written(state, "call"), more_than_are_loaded);
  EXPECT_EQ(rows_written(state, "unknown"), 0);
  EXPECT_EQ(vanished_step(state, {"extract", "load", "call"}), "renamed");
  EXPECT_EQ(vanished_step(state, {"call", "renamed"}), std::nullopt) << "what is done has nothing left to do";
}

TEST_P(LongInstance, P10FailuresAreCountedSinceTheScheduleStartedIt) {
  const auto nothing = [](const JobExecution&) {};
  const std::int64_t instance = begin_and_fail(std::nullopt, StartReason::schedule, nothing);
  begin_and_fail(instance, StartReason::restart, nothing);
  begin_and_fail(instance, StartReason::request, nothing);
  for (int i = 0; i < more_than_are_loaded; ++i) begin_and_fail(instance, StartReason::restart, nothing);
  EXPECT_EQ(last_run_of(last()).failures, more_than_are_loaded + 1);
}

TEST_P(LongInstance, P10FailuresAreCountedSinceAPersonStoppedIt) {
  const auto nothing = [](const JobExecution&) {};
  const std::int64_t instance = begin_and_fail(std::nullopt, StartReason::schedule, nothing);
  LaunchRequest with = request(instance);
  with.reason = StartReason::restart;
  JobExecution stopped = std::get<JobExecution>(executions().launch(authority(), with).value());
  stopped.ended_by = EndedBy::person;
  end(stopped, BatchStatus::stopped);
  for (int i = 0; i < more_than_are_loaded; ++i) begin_and_fail(instance, StartReason::carry_on, nothing);
  EXPECT_EQ(last_run_of(last()).failures, more_than_are_loaded);
}

INSTANTIATE_TEST_SUITE_P(Every, LongInstance, every_repository(), backend_name);

}  // namespace
}  // namespace baton

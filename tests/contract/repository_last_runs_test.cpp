// What is read of many jobs at once is what is read of them one by one.
#include "tests/contract/repository_contract.h"

namespace baton {
namespace {

std::string described(const JobExecution& one) {
  std::string text = std::to_string(one.id) + " of " + std::to_string(one.instance_id) + " " + one.job + " v" +
                     std::to_string(one.version) + " " + std::string(name(one.status)) + " " + one.exit.code + " " +
                     one.exit.description + " by " + one.replica + " " + std::string(name(one.ended_by)) + " " +
                     std::string(name(one.reason)) + " " + std::to_string(one.fence.value_or(-1)) + " " +
                     std::to_string(one.missed) + " " + one.request.value_or("-");
  for (const std::optional<WallTime>& time : {std::optional(one.created), one.started, one.ended}) {
    text += time ? " " + std::to_string(time->time_since_epoch().count()) : " -";
  }
  for (const StepExecution& step : one.steps) {
    text += "; " + std::to_string(step.id) + " " + step.name + " " + std::string(name(step.status)) + " " +
            std::to_string(step.counts.write) + " " + std::to_string(step.counts.commit);
  }
  return text;
}

std::vector<std::string> described(const std::vector<JobExecution>& executions) {
  std::vector<std::string> texts;
  for (const JobExecution& one : executions) texts.push_back(described(one));
  return texts;
}

class LastRuns : public RepositoryContract {
 protected:
  void own(const std::string& job) { ok(record().raise_fence(job, 0, {})); }

  JobExecution begin(const std::string& job, std::optional<std::int64_t> instance = std::nullopt) {
    clock_.advance(Duration(1'000));
    LaunchRequest with = request(instance);
    with.reason = instance ? StartReason::restart : StartReason::schedule;
    JobExecution execution = std::get<JobExecution>(executions().launch(authority(1, job), with).value());
    execution.status = BatchStatus::started;
    execution.started = clock_.wall_now();
    ok(executions().update_job(authority(1, job), execution));
    return execution;
  }
  void step(const JobExecution& execution, const std::string& name, std::int64_t rows) {
    StepExecution row = executions().start_step(authority(1, execution.job), execution.id, name).value();
    row.status = BatchStatus::completed;
    row.counts.write = rows;
    row.counts.commit = 1;
    ASSERT_TRUE(executions().update_step(authority(1, execution.job), row));
  }
  void finish(JobExecution execution, BatchStatus status) {
    execution.status = status;
    execution.exit = exit_status(status, "because");
    execution.ended = clock_.wall_now();
    ok(executions().update_job(authority(1, execution.job), execution));
  }
  JobExecution run(const std::string& job, BatchStatus status, std::optional<std::int64_t> instance = std::nullopt) {
    const JobExecution execution = begin(job, instance);
    step(execution, "extract", execution.id);
    step(execution, "load", 2 * execution.id);
    finish(execution, status);
    return execution;
  }

  std::optional<JobExecution> newest_ended(const std::string& job) {
    const std::vector<JobExecution> history = executions().history(job, 1'000).value();
    for (const JobExecution& one : history) {
      if (!is_running(one.status)) return one;
    }
    return std::nullopt;
  }

  void expect_same(const std::vector<std::string>& jobs) {
    const auto runs = executions().last_runs(jobs);
    ASSERT_TRUE(runs) << runs.error().message;
    const auto ended = executions().last_ended(jobs);
    ASSERT_TRUE(ended) << ended.error().message;
    for (const std::string& job : jobs) {
      const std::optional<InstanceState> single = executions().last_run(job).value();
      ASSERT_EQ(runs->contains(job), single.has_value()) << job;
      if (single) expect_same(runs->at(job), *single);
      const std::optional<JobExecution> one = newest_ended(job);
      ASSERT_EQ(ended->contains(job), one.has_value()) << job;
      if (one) {
        EXPECT_EQ(described(ended->at(job)), described(*one));
      }
    }
  }

 private:
  void expect_same(const InstanceState& of_many, const InstanceState& single) {
    EXPECT_EQ(of_many.id, single.id);
    EXPECT_EQ(described(of_many.executions), described(single.executions));
    EXPECT_EQ(of_many.older.failures, single.older.failures);
    ASSERT_EQ(of_many.older.steps.size(), single.older.steps.size());
    for (std::size_t i = 0; i < single.older.steps.size(); ++i) {
      EXPECT_EQ(of_many.older.steps[i].step, single.older.steps[i].step);
      EXPECT_EQ(of_many.older.steps[i].rows_written, single.older.steps[i].rows_written);
      EXPECT_EQ(of_many.older.steps[i].last_status, single.older.steps[i].last_status);
    }
    EXPECT_TRUE(of_many.parameters.empty());
    EXPECT_EQ(of_many.run_id, 0);
  }
};

TEST_P(LastRuns, NoJobsGiveNothing) {
  run("job", BatchStatus::completed);
  EXPECT_TRUE(executions().last_runs({}).value().empty());
  EXPECT_TRUE(executions().last_ended({}).value().empty());
}

TEST_P(LastRuns, JobsThatNeverRanAreLeftOut) {
  own("other");
  run("other", BatchStatus::completed);
  expect_same({"job", "other", "nobody's"});
  EXPECT_EQ(executions().last_runs({"job", "other", "nobody's"}).value().size(), 1);
}

TEST_P(LastRuns, OnlyTheJobsAskedForAreRead) {
  own("other");
  run("job", BatchStatus::completed);
  run("other", BatchStatus::completed);
  EXPECT_EQ(executions().last_runs({"job"}).value().size(), 1);
  EXPECT_EQ(executions().last_ended({"other"}).value().size(), 1);
}

TEST_P(LastRuns, OfManyInstancesTheNewestIsRead) {
  own("other");
  for (int i = 0; i < 5; ++i) {
    run("job", BatchStatus::completed);
    run("other", BatchStatus::completed);
  }
  expect_same({"other", "job"});
  EXPECT_EQ(executions().last_runs({"job", "other"}).value().at("job").executions.size(), 1);
}

// More runs of one job than are looked at first.
TEST_P(LastRuns, AJobThatRanLongAgoIsFound) {
  own("rare");
  own("running");
  run("rare", BatchStatus::failed);
  begin("running");
  for (int i = 0; i < 90; ++i) finish(begin("job"), BatchStatus::completed);
  expect_same({"job", "rare", "running", "never"});
}

TEST_P(LastRuns, ARunningJobHasTheOneThatEndedBeforeIt) {
  run("job", BatchStatus::failed, std::nullopt);
  const std::int64_t instance = executions().last_run("job").value()->id;
  run("job", BatchStatus::completed, instance);
  step(begin("job"), "extract", 7);
  expect_same({"job"});
  EXPECT_EQ(executions().last_ended({"job"}).value().at("job").status, BatchStatus::completed);
}

TEST_P(LastRuns, TheLastSuccessIsFoundHoweverManyHaveFailedSince) {
  own("other");
  run("job", BatchStatus::completed);
  const JobExecution success = run("job", BatchStatus::completed);
  const std::int64_t failing = run("job", BatchStatus::failed).instance_id;
  for (int i = 0; i < 205; ++i) finish(begin("job", failing), BatchStatus::failed);
  run("other", BatchStatus::completed);
  begin("job", failing);
  const std::optional<JobExecution> found = executions().last_completed("job").value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, success.id);
  EXPECT_EQ(found->status, BatchStatus::completed);
  EXPECT_TRUE(found->ended);
  EXPECT_EQ(found->steps.size(), 2U);
}

TEST_P(LastRuns, WithoutASuccessThereIsNoLastOne) {
  own("other");
  own("running");
  const std::int64_t instance = run("job", BatchStatus::failed).instance_id;
  run("job", BatchStatus::stopped, instance);
  begin("running");
  run("other", BatchStatus::completed);
  EXPECT_FALSE(executions().last_completed("job").value());
  EXPECT_FALSE(executions().last_completed("running").value());
  EXPECT_FALSE(executions().last_completed("nobody's").value());
}

TEST_P(LastRuns, ARunningFirstRunHasNoneThatEnded) {
  own("other");
  begin("job");
  run("other", BatchStatus::completed);
  begin("other");
  expect_same({"job", "other"});
  EXPECT_EQ(executions().last_ended({"job", "other"}).value().size(), 1);
}

TEST_P(LastRuns, ARestartedRunHasAllItsExecutionsNewestFirst) {
  own("other");
  const std::int64_t instance = run("job", BatchStatus::failed).instance_id;
  const std::int64_t other = run("other", BatchStatus::stopped).instance_id;
  run("job", BatchStatus::failed, instance);
  run("other", BatchStatus::failed, other);
  begin("job", instance);
  expect_same({"job", "other"});
  EXPECT_EQ(executions().last_runs({"job"}).value().at("job").executions.size(), 3);
}

TEST_P(LastRuns, OfAVeryLongRunTheOlderExecutionsAreSummedUp) {
  own("other");
  const std::int64_t instance = run("job", BatchStatus::failed).instance_id;
  for (int i = 0; i < 55; ++i) finish(begin("job", instance), BatchStatus::failed);
  const std::int64_t other = run("other", BatchStatus::stopped).instance_id;
  run("other", BatchStatus::failed, other);
  for (int i = 0; i < 51; ++i) finish(begin("other", other), BatchStatus::failed);
  own("short");
  run("short", BatchStatus::failed);
  expect_same({"job", "other", "short"});
}

TEST_P(LastRuns, NamesMayHoldAnyCharacter) {
  const std::vector<std::string> names{R"(a"b)", R"(back\slash)", "it's", "{a,b}", "a,b",
                                       "NULL",   "täglich €",     " ",    "$1"};
  for (const std::string& job : names) {
    own(job);
    run(job, BatchStatus::completed);
  }
  expect_same(names);
  EXPECT_EQ(executions().last_runs(names).value().size(), names.size());
}

INSTANTIATE_TEST_SUITE_P(Every, LastRuns, every_repository(), backend_name);

}  // namespace
}  // namespace baton

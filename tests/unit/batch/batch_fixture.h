// A job "job" that is owned at fence 1 in two databases in memory: its repository and a target elsewhere.
#pragma once

#include "batch/step.h"
#include "tests/doubles/breakable_database.h"
#include "tests/doubles/breakable_executions.h"
#include "tests/doubles/memory_repository.h"
#include "tests/doubles/scripted_lease.h"
#include "tests/doubles/stepping_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {

class RecordingListener final : public RunListener {
 public:
  void started(const JobExecution& execution, bool carried_on) override {
    launched.emplace_back(execution.id, carried_on);
  }
  void step_started(const StepExecution& step) override { begun.push_back(step.name); }
  void committed(const StepProgress& progress) override {
    commits.push_back(progress);
    if (on_commit) on_commit();
  }
  void finished(const JobExecution& execution) override { ends.push_back(execution.status); }
  void note(const std::string& text) override { notes.push_back(text); }

  std::vector<std::pair<std::int64_t, bool>> launched;
  std::vector<std::string> begun;
  std::vector<StepProgress> commits;
  std::vector<BatchStatus> ends;
  std::vector<std::string> notes;
  std::function<void()> on_commit;
};

class BatchTest : public testing::Test {
 protected:
  BatchTest() {
    fence(repository_store_);
    fence(target_store_);
  }

  static void fence(MemoryStore& store, std::int64_t value = 1) {
    store.change([&](MemoryState& state) { state.fences[{"repository-1", "job"}] = value; });
  }

  Ownership ownership() {
    return {"repository-1",
            "job",
            "host-1",
            {{repository_store_.identity(), 1}, {target_store_.identity(), 1}},
            {&lease_, &clock_}};
  }
  Authority authority() const { return ownership_.in(repository_store_.identity()); }

  JobExecution launch(std::optional<std::int64_t> instance = std::nullopt) {
    LaunchRequest request;
    request.instance = instance;
    request.replica = "host-1";
    request.parameters = given_;
    JobExecution execution = std::get<JobExecution>(memory_executions_.launch(authority(), request).value());
    parameters_ = execution.parameters;
    execution.status = BatchStatus::started;
    EXPECT_TRUE(memory_executions_.update_job(authority(), execution));
    return execution;
  }
  void end(JobExecution& execution, BatchStatus status) {
    execution.status = status;
    execution.exit = exit_status(status);
    execution.ended = clock_.wall_now();
    EXPECT_TRUE(memory_executions_.update_job(authority(), execution));
  }

  std::int64_t written_before_ = 0;  // rows that earlier executions are said to have committed
  std::int64_t foreign_step_ = 0;    // the newest step execution that is said to be another program's
  bool from_start_ = false;
  JobParameters given_;       // with new runs
  JobParameters parameters_;  // of the newest execution

  // Runs one step in an execution of its own, as a session does, up to the step's row.
  struct StepRun {
    Result<StepEnd> end = StepEnd::completed;
    StepExecution row;
  };
  StepRun run(Step& step, std::stop_token stop = {}) {
    const auto last = memory_executions_.last_run("job").value();
    JobExecution execution = launch(last ? std::optional(last->id) : std::nullopt);
    StepRun done;
    done.row = memory_executions_.start_step(authority(), execution.id, step.name()).value();
    StepContext context{execution.job, execution.instance_id, execution.id, done.row, written_before_,
                        ownership_,    repository_identity_,  executions_,  clock_,   stop,
                        listener_,     foreign_step_,         from_start_,  nullptr,  parameters_};
    done.end = step.run(context);
    const Status saved = [&]() -> Status {
      BATON_TRY([[maybe_unused]] const auto status, memory_executions_.update_step(authority(), done.row));
      return {};
    }();
    if (!saved) step_row_lost_ = saved.error().message;
    // What the session would do; here it only lets the next run carry the instance on.
    execution = memory_executions_.history("job", 1).value().at(0);
    execution.ended = clock_.wall_now();
    execution.status = BatchStatus::failed;
    repository_store_.change([&](MemoryState& state) {
      for (JobExecution& row : state.executions) row.status = BatchStatus::failed;
      state.stops.clear();
    });
    return done;
  }

  // What was stored of the newest step execution.
  StepExecution stored_step() { return memory_executions_.history("job", 1).value().at(0).steps.back(); }

  SteppingClock clock_;
  ScriptedLease lease_{Instant::max()};
  MemoryStore repository_store_{"memory:repository"};
  MemoryStore target_store_{"memory:target"};
  const std::string repository_identity_ = "memory:repository";
  MemoryDatabase memory_repository_{repository_store_};
  MemoryDatabase memory_target_{target_store_};
  BreakableDatabase repository_{memory_repository_};
  BreakableDatabase target_{memory_target_};
  MemoryExecutions memory_executions_{repository_store_, clock_};
  BreakableExecutions executions_{memory_executions_};
  MemoryControl control_{repository_store_, clock_};
  Ownership ownership_ = ownership();
  RecordingListener listener_;
  std::string step_row_lost_;  // why the step's row could not be written at its end; empty where it was
};

}  // namespace baton

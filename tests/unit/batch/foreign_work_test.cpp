// An instance on which another program (Spring Batch) has worked is carried on: its status rules hold, and what it
// began of a load step is not taken for Baton's.
#include "batch/job_session.h"
#include "tests/unit/batch/load_fixture.h"

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ForeignWork : public LoadTest {
 protected:
  ForeignWork() {
    session_plan_.name = "job";
    // What Java leaves has no entry of Baton's.
    left_ = launch();
    left_.steps.push_back(leave_step("prepare", BatchStatus::completed));
    left_.steps.push_back(leave_step("load", BatchStatus::failed));
    end(left_, BatchStatus::failed);
    disown(left_.id);
  }

  StepExecution leave_step(const std::string& name, BatchStatus status) {
    StepExecution step = memory_executions_.start_step(authority(), left_.id, name).value();
    step.status = status;
    step.counts.write = step.counts.read = 3;
    step.ended = clock_.wall_now();
    EXPECT_TRUE(memory_executions_.update_step(authority(), step));
    return step;
  }
  void disown(std::int64_t execution) {
    repository_store_.change([&](MemoryState& state) {
      for (JobExecution& row : state.executions) {
        if (row.id != execution) continue;
        row.fence.reset();
        row.replica.clear();
      }
    });
  }

  SessionRequest request() {
    SessionRequest made;
    made.plan = &session_plan_;
    made.ownership = &ownership_;
    made.executions = &executions_;
    made.repository_database = repository_identity_;
    made.make_steps = [this]() -> Result<std::vector<std::unique_ptr<Step>>> {
      std::vector<std::unique_ptr<Step>> steps;
      plan_.name = "prepare";
      steps.push_back(make_step());
      plan_.name = "load";
      steps.push_back(make_step());
      return steps;
    };
    made.clock = &clock_;
    made.listener = &listener_;
    made.from_start = from_start_;
    return made;
  }
  Result<SessionReport> session() { return run_session(request()); }
  void expect_refused(const Result<SessionReport>& report) {
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().kind, ErrorKind::invalid);
    EXPECT_THAT(report.error().message,
                AllOf(HasSubstr("\"load\""), HasSubstr("baton restart job --from-start"), HasSubstr("abandon")));
  }
  void expect_loaded_anew(const Result<SessionReport>& report) {
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->execution.status, BatchStatus::completed) << report->message;
    EXPECT_EQ(report->execution.instance_id, left_.instance_id);
    EXPECT_TRUE(report->carried_on);
    EXPECT_THAT(listener_.begun, ElementsAre("load")) << "a COMPLETED step is skipped";
    EXPECT_EQ(table(), all_five);
  }

  JobPlan session_plan_;
  JobExecution left_;
};

TEST_F(ForeignWork, P11AppendIsRefusedBeforeItIsLaunched) {
  mode(WriteMode::append);
  expect_refused(session());
  expect_refused(session());
  EXPECT_EQ(memory_executions_.history("job", 10).value().size(), 1U);
  EXPECT_EQ(table(), "none");
  EXPECT_THAT(listener_.begun, IsEmpty());
}

TEST_F(ForeignWork, P11AppendFromStartAppendsEveryRecord) {
  mode(WriteMode::append);
  from_start_ = true;
  expect_loaded_anew(session());
}

TEST_F(ForeignWork, P11OtherModesBeginAnew) {
  for (const WriteMode other : {WriteMode::upsert, WriteMode::replace, WriteMode::mirror}) {
    target_store_.change([](MemoryState& state) {
      state.tables.clear();
      state.progress.clear();
    });
    repository_store_.change([&](MemoryState& state) { state.executions.resize(1); });
    listener_.begun.clear();
    mode(other);
    expect_loaded_anew(session());
    EXPECT_THAT(listener_.notes.back(), HasSubstr("begins anew: a program other than Baton has worked on it"));
  }
}

TEST_F(ForeignWork, P11OnceBegunFromStartItGoesOnWithoutAnotherWord) {
  mode(WriteMode::append);
  from_start_ = true;
  target_.breaks.next(DatabaseCall::commit, {refused}, 1);
  EXPECT_EQ(session().error().kind, ErrorKind::lease_lost);
  EXPECT_EQ(table(), "1|a1 2|a2");
  from_start_ = false;
  const auto report = session();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->execution.status, BatchStatus::completed) << report->message;
  EXPECT_EQ(table(), all_five);
}

TEST_F(ForeignWork, P11StepThatAnotherProgramWorkedOnAfterBatonIsItsAgain) {
  mode(WriteMode::append);
  from_start_ = true;
  target_.breaks.next(DatabaseCall::commit, {refused}, 1);
  EXPECT_EQ(session().error().kind, ErrorKind::lease_lost);
  from_start_ = false;
  // Java restarts what Baton left, and fails too.
  JobExecution open = memory_executions_.open_executions("job").value().at(0);
  end(open, BatchStatus::failed);
  left_ = launch(left_.instance_id);
  leave_step("load", BatchStatus::failed);
  end(left_, BatchStatus::failed);
  disown(left_.id);
  expect_refused(session());
}

TEST_F(ForeignWork, P11ProgressThatIsCompleteDoesNotCountAfterAnotherProgramReplacedTheRows) {
  repository_store_.change([](MemoryState& state) { state.executions.clear(); });
  mode(WriteMode::replace);
  expect_end(load(), StepEnd::completed);
  target_store_.change([](MemoryState& state) { state.tables["t"].rows.resize(1); });
  foreign_step_ = stored_step().id + 1;
  expect_end(load(), StepEnd::completed);
  EXPECT_EQ(table(), all_five);
}

TEST_F(ForeignWork, P11TheStepItselfRefusesWhatCameBetweenLaunchAndStep) {
  mode(WriteMode::append);
  foreign_step_ = 7;
  const StepRun refused_step = load();
  expect_failed(refused_step, ErrorKind::invalid, "step execution 7");
  EXPECT_EQ(table(), "none");
}

TEST_F(ForeignWork, CompletedRunIsFollowedByANewOneWhateverTheModeIs) {
  mode(WriteMode::append);
  end(left_, BatchStatus::completed);
  disown(left_.id);
  const auto report = session();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->carried_on);
  EXPECT_EQ(report->execution.status, BatchStatus::completed) << report->message;
  EXPECT_THAT(listener_.begun, ElementsAre("prepare", "load"));
}

}  // namespace
}  // namespace baton

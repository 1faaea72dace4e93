// A job's run from launch to end, and its restarts (P10, P15, P18).
#include "batch/job_session.h"

#include "batch/abandon.h"
#include "batch/native_step.h"
#include "tests/doubles/manual_clock.h"
#include "tests/unit/batch/batch_fixture.h"

#include <thread>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class JobSession : public BatchTest {
 protected:
  JobSession() {
    plan_.name = "job";
    add("one");
    add("two");
  }

  using Work = std::function<Result<StepEnd>()>;

  void add(const std::string& name) {
    names_.push_back(name);
    work_[name] = [] { return StepEnd::completed; };
  }
  static Work failing(const std::string& message) {
    return [message]() -> Result<StepEnd> { return fail(ErrorKind::invalid, message); };
  }

  SessionRequest request() {
    SessionRequest made;
    made.plan = &plan_;
    made.ownership = &ownership_;
    made.executions = &executions_;
    made.repository_database = repository_identity_;
    made.make_steps = [this]() -> Result<std::vector<std::unique_ptr<Step>>> {
      std::vector<std::unique_ptr<Step>> steps;
      for (const std::string& name : names_) {
        steps.push_back(make_native_step({name}, [this, name](NativeContext& context) {
          ran_.push_back(name);
          seen_ = context.parameters;
          return work_[name]();
        }));
      }
      return steps;
    };
    made.clock = &clock_;
    made.stop = stop_.get_token();
    made.listener = &listener_;
    return made;
  }
  SessionReport session() {
    const auto report = run_session(request());
    EXPECT_TRUE(report) << report.error().message;
    return report.value_or(SessionReport());
  }
  JobExecution stored() { return memory_executions_.history("job", 1).value().at(0); }

  JobPlan plan_;
  std::vector<std::string> names_;
  std::map<std::string, Work> work_;
  std::vector<std::string> ran_;
  JobParameters seen_;  // by the last step that ran
  std::stop_source stop_;
};

TEST_F(JobSession, NewRunRunsEveryStepInOrder) {
  const SessionReport report = session();
  EXPECT_TRUE(report.launched);
  EXPECT_EQ(report.execution.status, BatchStatus::completed);
  EXPECT_THAT(ran_, ElementsAre("one", "two"));
  const JobExecution row = stored();
  EXPECT_EQ(row.status, BatchStatus::completed);
  EXPECT_EQ(row.exit, (ExitStatus{"COMPLETED", ""}));
  EXPECT_EQ(row.version, 2) << "as Java's: 0, 1, 2";
  EXPECT_TRUE(row.started);
  EXPECT_TRUE(row.ended);
  ASSERT_EQ(row.steps.size(), 2U);
  EXPECT_EQ(row.steps[0].status, BatchStatus::completed);
  EXPECT_EQ(row.steps[0].version, 2);
  EXPECT_EQ(row.steps[0].exit.code, "COMPLETED");
  EXPECT_EQ(report.execution.steps.size(), 2U);
  EXPECT_THAT(listener_.launched, ElementsAre(Pair(1, false)));
}

TEST_F(JobSession, StepsSeeTheParametersOfTheRun) {
  plan_.parameters = {{"region", "java.lang.String", "north", true}};
  work_["two"] = failing("broken");
  session();
  const JobParameters first{{"run.id", "java.lang.Long", "1", true}, {"region", "java.lang.String", "north", true}};
  EXPECT_EQ(seen_, first);
  plan_.parameters[0].value = "south";
  session();
  EXPECT_EQ(seen_, first) << "carried on with its own";
}

TEST_F(JobSession, StepsSeeTheParametersOfALaunchWhoseAnswerWasLost) {
  plan_.parameters = {{"region", "java.lang.String", "north", true}};
  executions_.breaks.next(ExecutionsCall::launch, {lost_answer});
  session();
  EXPECT_EQ(seen_.size(), 2U);
}

TEST_F(JobSession, P10FinishedRunIsFollowedByANewInstance) {
  session();
  session();
  EXPECT_THAT(ran_, ElementsAre("one", "two", "one", "two"));
  EXPECT_EQ(memory_executions_.last_run("job").value()->run_id, 2);
}

TEST_F(JobSession, FailedStepEndsTheJobWithItsMessage) {
  work_["one"] = failing("in.csv:3: not a number");
  const SessionReport report = session();
  EXPECT_EQ(report.message, "in.csv:3: not a number");
  EXPECT_THAT(ran_, ElementsAre("one"));
  const JobExecution row = stored();
  EXPECT_EQ(row.status, BatchStatus::failed);
  EXPECT_EQ(row.exit, (ExitStatus{"FAILED", "in.csv:3: not a number"}));
  EXPECT_EQ(row.steps.at(0).exit, (ExitStatus{"FAILED", "in.csv:3: not a number"}));
  EXPECT_EQ(row.steps.at(0).status, BatchStatus::failed);
  EXPECT_TRUE(row.steps.at(0).ended);
}

TEST_F(JobSession, P10CarriedOnItSkipsWhatIsCompleted) {
  work_["two"] = failing("no");
  session();
  work_["two"] = [] { return StepEnd::completed; };
  const SessionReport report = session();
  EXPECT_EQ(report.execution.status, BatchStatus::completed);
  EXPECT_EQ(report.execution.instance_id, 1);
  EXPECT_THAT(ran_, ElementsAre("one", "two", "two"));
  EXPECT_THAT(listener_.launched, ElementsAre(Pair(1, false), Pair(2, true)));
  EXPECT_THAT(listener_.ends, ElementsAre(BatchStatus::failed, BatchStatus::completed));
}

TEST_F(JobSession, CarriedOnWithNothingLeftItSaysSoAsSpringDoes) {
  work_["two"] = [this]() -> Result<StepEnd> {
    EXPECT_TRUE(control_.request_stop("job", "anna"));
    return StepEnd::completed;
  };
  EXPECT_EQ(session().execution.status, BatchStatus::stopped) << "a stop while the last step runs";
  EXPECT_EQ(stored().ended_by, EndedBy::person);
  EXPECT_EQ(stored().steps.at(1).status, BatchStatus::completed);
  const SessionReport report = session();
  EXPECT_EQ(report.execution.status, BatchStatus::completed);
  EXPECT_THAT(stored().exit.description, HasSubstr("All steps already completed"));
  EXPECT_THAT(ran_, ElementsAre("one", "two"));
}

TEST_F(JobSession, P18StopBetweenTwoStepsIsByAPerson) {
  work_["one"] = [this]() -> Result<StepEnd> {
    EXPECT_TRUE(control_.request_stop("job", "anna"));
    return StepEnd::completed;
  };
  const SessionReport report = session();
  EXPECT_EQ(report.execution.status, BatchStatus::stopped);
  EXPECT_THAT(ran_, ElementsAre("one"));
  EXPECT_EQ(stored().ended_by, EndedBy::person);
  EXPECT_EQ(stored().exit.code, "STOPPED");
}

TEST_F(JobSession, P18StopAfterTheLastStepsRowIsMergedIntoTheEnd) {
  executions_.breaks.before(ExecutionsCall::update_job, [this] {
    if (executions_.breaks.count(ExecutionsCall::update_job) == 2) {
      EXPECT_TRUE(control_.request_stop("job", "anna"));
    }
  });
  EXPECT_EQ(session().execution.status, BatchStatus::stopped);
  EXPECT_EQ(stored().ended_by, EndedBy::person);
}

TEST_F(JobSession, P18StopBeforeTheStartRunsNoStep) {
  executions_.breaks.before(ExecutionsCall::update_job, [this] {
    if (executions_.breaks.count(ExecutionsCall::update_job) == 1) {
      EXPECT_TRUE(control_.request_stop("job", "anna"));
    }
  });
  EXPECT_EQ(session().execution.status, BatchStatus::stopped);
  EXPECT_THAT(ran_, ElementsAre());
  EXPECT_EQ(stored().ended_by, EndedBy::person);
}

TEST_F(JobSession, P10ShutdownStopsBetweenStepsAndIsRecordedAsSuch) {
  work_["one"] = [this]() -> Result<StepEnd> {
    stop_.request_stop();
    return StepEnd::completed;
  };
  EXPECT_EQ(session().execution.status, BatchStatus::stopped);
  EXPECT_EQ(stored().ended_by, EndedBy::shutdown);
  EXPECT_THAT(ran_, ElementsAre("one"));
}

TEST_F(JobSession, ShutdownAfterTheLastStepIsCompleted) {
  work_["two"] = [this]() -> Result<StepEnd> {
    stop_.request_stop();
    return StepEnd::completed;
  };
  EXPECT_EQ(session().execution.status, BatchStatus::completed);
}

TEST_F(JobSession, P18RequestThatIsFoundAtTheLaunchRunsNothingOnce) {
  work_["one"] = failing("no");
  session();
  EXPECT_EQ(control_.request_stop("job", "anna").value(), StopAnswer::recorded);
  const SessionReport report = session();
  EXPECT_FALSE(report.launched);
  EXPECT_THAT(report.message, HasSubstr("anna"));
  EXPECT_THAT(ran_, ElementsAre("one"));
  EXPECT_TRUE(session().launched);
}

TEST_F(JobSession, P18StopOfAStepThatThenFailsKeepsTheRestartFromRunning) {
  plan_.restarts = 5;
  work_["one"] = [this]() -> Result<StepEnd> {
    EXPECT_TRUE(control_.request_stop("job", "anna"));
    return fail(ErrorKind::invalid, "no");
  };
  const SessionReport report = session();
  EXPECT_THAT(ran_, ElementsAre("one"));
  EXPECT_THAT(report.message, HasSubstr("anna"));
  EXPECT_EQ(stored().ended_by, EndedBy::person);
}

TEST_F(JobSession, P10RestartsUpToTheLimitWithABackOffThatDoubles) {
  plan_.restarts = 3;
  plan_.backoff = Duration(5'000);
  work_["one"] = failing("no");
  EXPECT_EQ(session().execution.status, BatchStatus::failed);
  EXPECT_THAT(ran_, ElementsAre("one", "one", "one", "one"));
  EXPECT_EQ(clock_.waits(), (std::vector<Duration>{Duration(5'000), Duration(10'000), Duration(20'000)}));
  EXPECT_EQ(memory_executions_.history("job", 10)->size(), 4U);
}

TEST_F(JobSession, P10RestartThatSucceedsEndsIt) {
  plan_.restarts = 3;
  work_["one"] = [this]() -> Result<StepEnd> {
    if (ran_.size() < 3) return fail(ErrorKind::invalid, "not yet");
    return StepEnd::completed;
  };
  const SessionReport report = session();
  EXPECT_EQ(report.execution.status, BatchStatus::completed);
  EXPECT_EQ(report.message, "");
  EXPECT_THAT(ran_, ElementsAre("one", "one", "one", "two"));
}

TEST_F(JobSession, StopDuringTheBackOffEndsIt) {
  ManualClock clock;
  plan_.restarts = 3;
  work_["one"] = failing("no");
  SessionRequest made = request();
  made.clock = &clock;
  Result<SessionReport> report;
  std::jthread running([&] { report = run_session(made); });
  EXPECT_EQ(clock.await_waiters(1) - clock.now(), Duration(5'000));
  clock.advance(Duration(5'000));
  EXPECT_EQ(clock.await_waiters(1) - clock.now(), Duration(10'000));
  stop_.request_stop();
  running.join();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->execution.status, BatchStatus::failed);
  EXPECT_THAT(ran_, ElementsAre("one", "one"));
}

TEST_F(JobSession, P15OrphansAreClosedBeforeTheLaunch) {
  const JobExecution orphan = launch();
  ASSERT_TRUE(memory_executions_.start_step(authority(), orphan.id, "one"));
  EXPECT_EQ(session().execution.status, BatchStatus::completed);
  const JobExecution closed = memory_executions_.history("job", 2)->at(1);
  EXPECT_EQ(closed.status, BatchStatus::failed);
  EXPECT_EQ(closed.ended_by, EndedBy::orphaned);
  EXPECT_EQ(closed.steps.at(0).status, BatchStatus::failed);
}

TEST_F(JobSession, P10ThreeOrphansWithoutProgressNeedAPerson) {
  for (int i = 0; i < 3; ++i) {
    launch(i == 0 ? std::nullopt : std::optional<std::int64_t>(1));
    repository_store_.change([](MemoryState& state) {
      state.executions.back().status = BatchStatus::failed;
      state.executions.back().ended_by = EndedBy::orphaned;
    });
  }
  const auto refused = run_session(request());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_THAT(refused.error().message, HasSubstr("baton restart job"));
  SessionRequest by_a_person = request();
  by_a_person.ignore_orphan_limit = true;
  EXPECT_EQ(run_session(by_a_person)->execution.status, BatchStatus::completed);
}

TEST_F(JobSession, OnlyUnfinishedRefusesToBeginANewRun) {
  SessionRequest restart = request();
  restart.only_unfinished = true;
  EXPECT_EQ(run_session(restart).error().kind, ErrorKind::invalid);
  work_["two"] = failing("no");
  session();
  EXPECT_EQ(run_session(restart)->execution.instance_id, 1);
}

TEST_F(JobSession, P12LostLeaseIsPassedOnAndNothingMoreIsWritten) {
  work_["one"] = [this]() -> Result<StepEnd> {
    fence(repository_store_, 2);
    return StepEnd::completed;
  };
  EXPECT_EQ(run_session(request()).error().kind, ErrorKind::lease_lost);
  EXPECT_EQ(stored().status, BatchStatus::started);
  EXPECT_THAT(ran_, ElementsAre("one"));
}

TEST_F(JobSession, RepositoryThatIsLockedForAMomentIsAskedAgainAtStartAndEnd) {
  executions_.breaks.next(ExecutionsCall::update_job, {not_done, not_done}, 0);
  EXPECT_EQ(session().execution.status, BatchStatus::completed);
  executions_.breaks.next(ExecutionsCall::update_job, {not_done, not_done}, 1);
  EXPECT_EQ(session().execution.status, BatchStatus::completed);
  EXPECT_EQ(stored().version, 2);
}

TEST_F(JobSession, RepositoryThatStaysAwayEndsItWhenTrustHasPassed) {
  lease_.trust_until(clock_.now() + Duration(10'000));
  executions_.breaks.next(ExecutionsCall::update_job, std::deque<Break>(1'000, not_done), 1);
  const auto report = run_session(request());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, ErrorKind::retry);
}

TEST_F(JobSession, StepWhoseRowCannotBeWrittenFailsTheJob) {
  executions_.breaks.next(ExecutionsCall::update_step, {{false, ErrorKind::conflict}});
  EXPECT_EQ(session().execution.status, BatchStatus::failed);
  EXPECT_THAT(ran_, ElementsAre("one"));
}

TEST_F(JobSession, P10AbandonEndsTheUnfinishedRunForGood) {
  work_["two"] = failing("why");
  session();
  const auto abandoned = abandon_run(request());
  ASSERT_TRUE(abandoned) << abandoned.error().message;
  EXPECT_EQ(stored().status, BatchStatus::abandoned);
  EXPECT_EQ(stored().exit.code, "ABANDONED");
  EXPECT_THAT(stored().exit.description, HasSubstr("why"));
  EXPECT_EQ(session().execution.instance_id, 2) << "the next run is a new one";
  work_["two"] = [] { return StepEnd::completed; };
}

TEST_F(JobSession, P10AbandonClosesWhatNobodyRuns) {
  launch();
  ASSERT_TRUE(abandon_run(request()));
  EXPECT_EQ(stored().status, BatchStatus::abandoned);
  EXPECT_TRUE(stored().ended);
}

TEST_F(JobSession, AbandonWithoutAnUnfinishedRunIsRefused) {
  EXPECT_EQ(abandon_run(request()).error().kind, ErrorKind::invalid);
  session();
  EXPECT_EQ(abandon_run(request()).error().kind, ErrorKind::invalid);
}

// Whoever watches a run cuts it short: that is a failure, and not a shutdown, after which it would be carried on at
// once.
class CutSession : public JobSession {
 protected:
  SessionReport run_watched() {
    SessionRequest made = request();
    made.signals = &signals_;
    const auto report = run_session(made);
    EXPECT_TRUE(report) << report.error().message;
    return report.value_or(SessionReport());
  }
  void cut() {
    signals_.cut({CutShort::Cause::timeout, Duration(30'000)});
    stop_.request_stop();
  }

  RunSignals signals_;
};

TEST_F(CutSession, StepThatStopsThenItAndTheRunHaveFailedWithTheReason) {
  work_["one"] = [this]() -> Result<StepEnd> {
    cut();
    return StepEnd::stopped;
  };
  const SessionReport report = run_watched();
  EXPECT_EQ(report.execution.status, BatchStatus::failed);
  EXPECT_EQ(report.execution.ended_by, EndedBy::itself);
  EXPECT_EQ(report.message, "timed out: it ran for longer than 30s");
  EXPECT_EQ(report.execution.steps.at(0).status, BatchStatus::failed);
  EXPECT_THAT(ran_, ElementsAre("one"));
}

TEST_F(CutSession, StepThatFailsOverItThenBothAreSaid) {
  work_["one"] = [this]() -> Result<StepEnd> {
    cut();
    return fail(ErrorKind::retry, "interrupted");
  };
  EXPECT_EQ(run_watched().message, "timed out: it ran for longer than 30s (interrupted)");
}

TEST_F(CutSession, StepThatCompletesAllTheSameThenItIsCompletedAndTheNextDoesNotRun) {
  work_["one"] = [this]() -> Result<StepEnd> {
    cut();
    return StepEnd::completed;
  };
  const SessionReport report = run_watched();
  EXPECT_EQ(report.execution.status, BatchStatus::failed);
  EXPECT_EQ(report.execution.steps.at(0).status, BatchStatus::completed);
  EXPECT_THAT(ran_, ElementsAre("one"));
}

TEST_F(CutSession, StoppedForAnotherReasonThenStopped) {
  work_["one"] = [this]() -> Result<StepEnd> {
    stop_.request_stop();
    return StepEnd::stopped;
  };
  const SessionReport report = run_watched();
  EXPECT_EQ(report.execution.status, BatchStatus::stopped);
  EXPECT_EQ(report.execution.ended_by, EndedBy::shutdown);
}

TEST_F(CutSession, EachStepThatBeginsOrEndsThenProgress) {
  const Instant began = clock_.now();
  std::optional<Instant> seen;
  work_["one"] = [&]() -> Result<StepEnd> {
    clock_.advance(Duration(5'000));
    return StepEnd::completed;
  };
  std::optional<Instant> first;
  work_["two"] = [&]() -> Result<StepEnd> {
    first = signals_.began();
    seen = signals_.last_progress();
    return StepEnd::completed;
  };
  EXPECT_FALSE(signals_.began());
  run_watched();
  EXPECT_EQ(first, began);
  EXPECT_FALSE(signals_.began()) << "it is over";
  EXPECT_EQ(seen, began + Duration(5'000));
}

}  // namespace
}  // namespace baton

// Pauses (P23), due times (P17), and what a launch keeps of them.
#include "tests/contract/repository_contract.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::HasSubstr;

class RepositoryPause : public RepositoryContract {
 protected:
  Pause pause(std::optional<Duration> length = std::nullopt) {
    Pause made{"anna@host", "the source moves", clock_.wall_now(), std::nullopt};
    if (length) made.until = clock_.wall_now() + *length;
    ok(control().pause("job", made));
    return made;
  }
  JobRequest asking(const std::string& id, bool even_paused) {
    JobRequest request;
    request.id = id;
    request.even_paused = even_paused;
    return request;
  }
  bool launches() {
    const auto launched = executions().launch(authority(), request());
    EXPECT_TRUE(launched) << launched.error().message;
    return std::holds_alternative<JobExecution>(*launched);
  }
  JobControl job() {
    const RepositoryView view = replicas().look().value();
    for (const JobControl& one : view.jobs) {
      if (one.job == "job") return one;
    }
    return {};
  }
};

TEST_P(RepositoryPause, StateOfAJobThatNobodyKnowsIsOnlyItsName) {
  const JobControl unknown = control().state("unknown").value();
  EXPECT_EQ(unknown.job, "unknown");
  EXPECT_FALSE(unknown.pause || unknown.request || unknown.offer || unknown.stop_instance || unknown.last_due);
}

TEST_P(RepositoryPause, StateIsWhatPeopleAskedForLast) {
  const Pause made = pause(Duration(5'000));
  ASSERT_EQ(control().ask("job", asking("r-1", true)).value(), "r-1");
  const JobControl state = backend_->open()->control->state("job").value();
  EXPECT_EQ(state.job, "job");
  ASSERT_TRUE(state.pause);
  EXPECT_EQ(state.pause->by, made.by);
  EXPECT_EQ(state.pause->reason, made.reason);
  EXPECT_EQ(state.pause->since, made.since);
  EXPECT_EQ(state.pause->until, made.until);
  ASSERT_TRUE(state.request);
  EXPECT_EQ(state.request->id, "r-1");
  EXPECT_TRUE(state.request->even_paused);
}

TEST_P(RepositoryPause, P23PausedJobIsNotLaunchedAndSaysByWhomAndWhy) {
  const Pause made = pause();
  const Launched launched = executions().launch(authority(), request()).value();
  ASSERT_TRUE(std::holds_alternative<PausedInstead>(launched));
  const Pause& found = std::get<PausedInstead>(launched).pause;
  EXPECT_EQ(found.by, made.by);
  EXPECT_EQ(found.reason, made.reason);
  EXPECT_EQ(found.since, made.since);
  EXPECT_FALSE(found.until);
  EXPECT_FALSE(executions().last_run("job").value()) << "nothing was created";
}

TEST_P(RepositoryPause, P23UnfinishedRunOfAPausedJobIsNotCarriedOn) {
  const JobExecution failed = ended(BatchStatus::failed);
  pause();
  const Launched launched = executions().launch(authority(), request(failed.instance_id)).value();
  EXPECT_TRUE(std::holds_alternative<PausedInstead>(launched));
}

TEST_P(RepositoryPause, P23PauseLetsARunThatIsUnderWayEnd) {
  JobExecution running = started();
  pause();
  EXPECT_FALSE(control().stop_requested(running.id).value());
  end(running, BatchStatus::completed);
  EXPECT_EQ(stored().status, BatchStatus::completed);
}

TEST_P(RepositoryPause, P23ResumedJobIsLaunched) {
  pause();
  EXPECT_TRUE(control().resume("job").value());
  EXPECT_FALSE(job().pause);
  EXPECT_TRUE(launches());
}

TEST_P(RepositoryPause, P23PauseEndsByItself) {
  pause(Duration(60'000));
  clock_.advance(Duration(59'999));
  EXPECT_FALSE(launches());
  clock_.advance(Duration(1));
  EXPECT_TRUE(launches());
  EXPECT_FALSE(control().resume("job").value()) << "it was not paused any more";
}

TEST_P(RepositoryPause, P23LaterPauseReplacesTheEarlierOne) {
  pause(Duration(60'000));
  ok(control().pause("job", {"bert@host", "", clock_.wall_now(), std::nullopt}));
  EXPECT_EQ(job().pause->by, "bert@host");
  EXPECT_EQ(job().pause->reason, "");
  EXPECT_FALSE(job().pause->until);
}

TEST_P(RepositoryPause, P23JobThatIsNotPausedIsNotResumed) {
  EXPECT_FALSE(control().resume("job").value());
  EXPECT_FALSE(control().resume("never seen").value());
}

TEST_P(RepositoryPause, P23RequestOfAPausedJobIsRefusedUnlessItSaysSo) {
  pause();
  const auto refused = control().ask("job", asking("r1", false));
  expect_kind(refused, ErrorKind::invalid);
  EXPECT_THAT(refused.error().message, HasSubstr("anna@host"));
  EXPECT_THAT(refused.error().message, HasSubstr("the source moves"));
  EXPECT_FALSE(control().answer("job", "r1").value());
  EXPECT_EQ(control().ask("job", asking("r2", true)).value(), "r2");
}

TEST_P(RepositoryPause, P23RequestThatSaysSoIsLaunchedEvenPausedAndOnceOnly) {
  pause();
  ASSERT_TRUE(control().ask("job", asking("r1", true)));
  JobExecution execution = launch();
  EXPECT_EQ(execution.request, "r1");
  end(execution, BatchStatus::completed);
  EXPECT_FALSE(launches());
}

TEST_P(RepositoryPause, P23PauseHoldsARequestBackThatWasAskedBefore) {
  ASSERT_TRUE(control().ask("job", asking("r1", false)));
  pause();
  EXPECT_FALSE(launches());
  EXPECT_TRUE(control().answer("job", "r1").value()->pending);
  EXPECT_EQ(control().ask("job", asking("r2", true)).value(), "r1") << "the same, but even paused now";
  EXPECT_TRUE(launches());
}

TEST_P(RepositoryPause, P17DueTimeOfALaunchIsTheJobsLastAndTheFirstIsItsPhase) {
  const WallTime first(std::chrono::microseconds(1'700'000'000'123'456));
  LaunchRequest scheduled = request();
  scheduled.reason = StartReason::schedule;
  scheduled.due = first;
  JobExecution execution = std::get<JobExecution>(executions().launch(authority(), scheduled).value());
  EXPECT_EQ(job().phase, first);
  EXPECT_EQ(job().last_due, first);
  end(execution, BatchStatus::completed);
  scheduled.due = first + std::chrono::seconds(50);
  scheduled.missed = 4;
  execution = std::get<JobExecution>(executions().launch(authority(), scheduled).value());
  EXPECT_EQ(job().phase, first);
  EXPECT_EQ(job().last_due, scheduled.due);
  EXPECT_EQ(execution.missed, 4);
  end(execution, BatchStatus::completed);
  launch();
  EXPECT_EQ(job().last_due, scheduled.due) << "only the schedule's runs count";
}

TEST_P(RepositoryPause, P17LaunchThatIsPausedRecordsNoDueTime) {
  pause();
  LaunchRequest scheduled = request();
  scheduled.due = clock_.wall_now();
  ASSERT_TRUE(executions().launch(authority(), scheduled));
  EXPECT_FALSE(job().last_due);
  EXPECT_FALSE(job().phase);
}

TEST_P(RepositoryPause, WhyAnExecutionWasLaunchedIsKept) {
  for (const StartReason reason :
       {StartReason::schedule, StartReason::restart, StartReason::carry_on, StartReason::request}) {
    LaunchRequest with = request();
    with.reason = reason;
    with.missed = 3;
    JobExecution execution = std::get<JobExecution>(executions().launch(authority(), with).value());
    EXPECT_EQ(execution.reason, reason);
    EXPECT_EQ(stored().reason, reason) << name(reason);
    EXPECT_EQ(stored().missed, 3);
    EXPECT_FALSE(stored().request);
    EXPECT_EQ(last().executions.at(0).reason, reason);
    end(execution, BatchStatus::completed);
    EXPECT_EQ(stored().reason, reason) << "the end of the run does not touch it";
  }
}

INSTANTIATE_TEST_SUITE_P(Every, RepositoryPause, every_repository(), backend_name);

}  // namespace
}  // namespace baton

// Requests for a run, a restart or an end, and the launches that answer them (P18).
#include "tests/contract/repository_contract.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class RepositoryRequest : public RepositoryContract {
 protected:
  JobRequest asking(const std::string& id, RequestKind kind = RequestKind::run) {
    JobRequest request;
    request.id = id;
    request.kind = kind;
    request.by = "anna@host";
    request.at = clock_.wall_now();
    return request;
  }
  JobRequest for_south(const std::string& id) {
    JobRequest request = asking(id);
    request.parameters = {{"region", "java.lang.String", "south", true}};
    return request;
  }
  std::string ask(const JobRequest& request) {
    const auto id = control().ask("job", request);
    EXPECT_TRUE(id) << id.error().message;
    return id.value_or("");
  }
  RequestAnswer answer(const std::string& id) {
    const auto answer = control().answer("job", id);
    EXPECT_TRUE(answer && *answer) << "nothing is known of it";
    return answer && *answer ? **answer : RequestAnswer();
  }
  bool known(const std::string& id) { return control().answer("job", id).value().has_value(); }
  Launched answering(const std::string& id, std::optional<std::int64_t> instance = std::nullopt) {
    LaunchRequest launch = request(instance);
    launch.request = id;
    auto launched = executions().launch(authority(), launch);
    EXPECT_TRUE(launched) << launched.error().message;
    return *launched;
  }
  std::optional<JobRequest> pending() {
    const RepositoryView view = replicas().look().value();
    for (const JobControl& job : view.jobs) {
      if (job.job == "job") return job.request;
    }
    return std::nullopt;
  }
};

TEST_P(RepositoryRequest, P18RequestIsPendingUntilALaunchAnswersIt) {
  EXPECT_FALSE(known("r1"));
  EXPECT_EQ(ask(asking("r1")), "r1");
  EXPECT_TRUE(answer("r1").pending);
  EXPECT_FALSE(answer("r1").execution);
  const JobExecution made = std::get<JobExecution>(answering("r1"));
  EXPECT_EQ(made.request, "r1");
  EXPECT_EQ(stored().request, "r1");
  EXPECT_FALSE(answer("r1").pending);
  EXPECT_EQ(answer("r1").execution, made.id);
  EXPECT_EQ(answer("r1").status, BatchStatus::starting);
  EXPECT_FALSE(pending());
}

TEST_P(RepositoryRequest, P18AnswerFollowsTheStatusOfItsExecution) {
  ask(asking("r1"));
  JobExecution execution = std::get<JobExecution>(answering("r1"));
  end(execution, BatchStatus::failed);
  EXPECT_EQ(answer("r1").status, BatchStatus::failed);
}

TEST_P(RepositoryRequest, P18AllThatWasAskedIsKept) {
  JobRequest asked = asking("r1", RequestKind::restart);
  asked.parameters = {{"quote\"d", "java.lang.String", "ü \n x", true}, {"n", "java.lang.Long", "7", false}};
  asked.even_paused = true;
  ask(asked);
  const auto kept = pending();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->id, "r1");
  EXPECT_EQ(kept->kind, RequestKind::restart);
  EXPECT_EQ(kept->by, "anna@host");
  EXPECT_EQ(kept->at, asked.at);
  EXPECT_EQ(kept->parameters, asked.parameters);
  EXPECT_TRUE(kept->even_paused);
  EXPECT_FALSE(kept->after_instance);
}

TEST_P(RepositoryRequest, P18AnyLaunchAnswersWithTheRequestsParametersOverTheJobsOwn) {
  JobRequest asked = asking("r1");
  asked.parameters = {{"region", "java.lang.String", "south", true}};
  ask(asked);
  LaunchRequest scheduled = request();
  scheduled.reason = StartReason::schedule;
  scheduled.parameters = {{"region", "java.lang.String", "north", true}, {"note", "java.lang.String", "x", false}};
  const auto launched = std::get<JobExecution>(executions().launch(authority(), scheduled).value());
  EXPECT_EQ(answer("r1").execution, launched.id);
  const JobParameters expected{{"run.id", "java.lang.Long", "1", true},
                               {"note", "java.lang.String", "x", false},
                               {"region", "java.lang.String", "south", true}};
  EXPECT_EQ(backend_->parameters(launched.id), expected);
}

TEST_P(RepositoryRequest, P18TwoWhoAskTheSameGetOneId) {
  JobRequest first = asking("r1");
  first.parameters = {{"region", "java.lang.String", "south", true}};
  JobRequest second = first;
  second.id = "r2";
  EXPECT_EQ(ask(first), "r1");
  EXPECT_EQ(ask(second), "r1");
  EXPECT_TRUE(answer("r1").pending);
  EXPECT_FALSE(known("r2"));
}

TEST_P(RepositoryRequest, P18AnotherPendingRequestConflictsAndStays) {
  ask(asking("r1"));
  JobRequest other = asking("r2");
  other.by = "bert@host";
  other.parameters = {{"region", "java.lang.String", "south", true}};
  const auto refused = control().ask("job", other);
  expect_kind(refused, ErrorKind::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("anna@host"));
  EXPECT_EQ(pending()->id, "r1");
}

TEST_P(RepositoryRequest, P18RestartOrAbandonTakesThePlaceOfAPendingRunWhichIsAnsweredByText) {
  for (const RequestKind kind : {RequestKind::restart, RequestKind::abandon}) {
    ask(asking("run"));
    const std::string id(name(kind));
    EXPECT_EQ(ask(asking(id, kind)), id);
    EXPECT_EQ(pending()->id, id);
    EXPECT_THAT(answer("run").text.value_or(""), AllOf(HasSubstr("anna@host"), HasSubstr(id)));
    expect_kind(control().ask("job", asking("later")), ErrorKind::conflict);
    ASSERT_TRUE(control().withdraw("job", id).value());
  }
}

TEST_P(RepositoryRequest, P18RequestTakenBackBeforeTheLaunchIsNotLaunched) {
  ask(asking("r1"));
  EXPECT_TRUE(control().withdraw("job", "r1").value());
  EXPECT_FALSE(known("r1"));
  EXPECT_TRUE(std::holds_alternative<WithdrawnInstead>(answering("r1")));
  EXPECT_FALSE(executions().last_run("job").value()) << "nothing was created";
}

TEST_P(RepositoryRequest, P18LaunchForARequestThatAnotherOneReplacedIsNotMade) {
  ask(asking("r1"));
  ASSERT_TRUE(control().withdraw("job", "r1").value());
  ask(asking("r2"));
  EXPECT_TRUE(std::holds_alternative<WithdrawnInstead>(answering("r1")));
  EXPECT_EQ(pending()->id, "r2");
}

TEST_P(RepositoryRequest, P18WhatIsNotPendingCannotBeTakenBack) {
  EXPECT_FALSE(control().withdraw("job", "r1").value());
  ask(asking("r1"));
  EXPECT_FALSE(control().withdraw("job", "r2").value());
  EXPECT_FALSE(control().withdraw("other", "r1").value());
  answering("r1");
  EXPECT_FALSE(control().withdraw("job", "r1").value());
  EXPECT_TRUE(answer("r1").execution);
}

TEST_P(RepositoryRequest, P18TriggerWhileRunningIsAnsweredByOneMoreRunAndNotByCarryingOn) {
  JobExecution running = started();
  ask(asking("r1"));
  EXPECT_EQ(pending()->after_instance, running.instance_id);
  running.ended_by = EndedBy::shutdown;
  end(running, BatchStatus::stopped);
  JobExecution carried = std::get<JobExecution>(answering("r1", running.instance_id));
  EXPECT_FALSE(carried.request) << "the same run goes on";
  EXPECT_TRUE(answer("r1").pending);
  end(carried, BatchStatus::completed);
  const JobExecution next = launch();
  EXPECT_NE(next.instance_id, running.instance_id);
  EXPECT_EQ(answer("r1").execution, next.id);
}

TEST_P(RepositoryRequest, P18RestartByItselfOfTheRunThatRanIsNoAnswer) {
  JobExecution running = started();
  ask(asking("r1"));
  end(running, BatchStatus::failed);
  EXPECT_FALSE(launch(running.instance_id).request);
  EXPECT_TRUE(answer("r1").pending);
}

TEST_P(RepositoryRequest, P18TriggerThatFindsItsRunFailedIsAnsweredByAnotherAttempt) {
  JobExecution running = started();
  ask(asking("r1"));
  end(running, BatchStatus::failed);
  const JobExecution again = std::get<JobExecution>(answering("r1", running.instance_id));
  EXPECT_EQ(again.instance_id, running.instance_id) << "an unfinished run is carried on before a new one (P10)";
  EXPECT_EQ(answer("r1").execution, again.id) << "or a run that always fails would be tried for ever";
}

TEST_P(RepositoryRequest, P18RestartWhileRunningIsAnsweredByCarryingThatRunOn) {
  JobExecution running = started();
  ask(asking("r1", RequestKind::restart));
  end(running, BatchStatus::failed);
  EXPECT_EQ(launch(running.instance_id).request, "r1");
}

TEST_P(RepositoryRequest, P18TriggerOfAnUnfinishedRunIsAnsweredByCarryingItOnWithItsOwnParameters) {
  const JobExecution failed = ended(BatchStatus::failed);
  ask(asking("r1"));
  const JobExecution carried = launch(failed.instance_id);
  EXPECT_EQ(carried.request, "r1");
  EXPECT_EQ(backend_->parameters(carried.id), (JobParameters{{"run.id", "java.lang.Long", "1", true}}));
}

TEST_P(RepositoryRequest, P18TriggerWithParametersIsRefusedWhileAnUnfinishedRunDoesNotRun) {
  JobExecution failed = ended(BatchStatus::failed);
  const auto refused = control().ask("job", for_south("r1"));
  expect_kind(refused, ErrorKind::invalid);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("baton restart job"), HasSubstr("baton abandon job")));
  EXPECT_FALSE(pending());
  EXPECT_FALSE(known("r1"));
  end(failed, BatchStatus::abandoned);
  EXPECT_EQ(ask(for_south("r2")), "r2");
}

TEST_P(RepositoryRequest, P18TriggerWithParametersIsNotAnsweredByCarryingOnWhatRanWhenItWasAsked) {
  JobExecution running = started();
  ask(for_south("r1"));
  running.ended_by = EndedBy::shutdown;
  end(running, BatchStatus::stopped);
  JobExecution carried = std::get<JobExecution>(answering("r1", running.instance_id));
  EXPECT_FALSE(carried.request);
  EXPECT_TRUE(answer("r1").pending);
  end(carried, BatchStatus::completed);
  const JobExecution made = std::get<JobExecution>(answering("r1"));
  EXPECT_EQ(made.request, "r1");
  EXPECT_EQ(backend_->parameters(made.id).back().value, "south");
}

TEST_P(RepositoryRequest, P18TriggerWithParametersIsAnsweredByTextOnceTheRunItWaitedForHasFailedOrWasStopped) {
  JobExecution running = started();
  ask(for_south("r1"));
  end(running, BatchStatus::failed);
  EXPECT_FALSE(launch(running.instance_id).request) << "a launch that does not know of it";
  EXPECT_TRUE(answer("r1").pending);
  JobExecution again = stored();
  for (const EndedBy ended_by : {EndedBy::itself, EndedBy::person}) {
    again.ended_by = ended_by;
    end(again, ended_by == EndedBy::person ? BatchStatus::stopped : BatchStatus::failed);
    const Launched launched = answering("r1", running.instance_id);
    ASSERT_TRUE(std::holds_alternative<RefusedInstead>(launched));
    EXPECT_EQ(answer("r1").text, std::get<RefusedInstead>(launched).text);
    EXPECT_THAT(*answer("r1").text, AllOf(HasSubstr("baton restart job"), HasSubstr("baton abandon job")));
    EXPECT_FALSE(pending());
    EXPECT_EQ(stored().id, again.id) << "nothing was launched";
    again = launch(running.instance_id);
    ask(for_south("r1"));
  }
}

TEST_P(RepositoryRequest, P18RequestToAbandonIsNoReasonToLaunchAndStays) {
  const JobExecution failed = ended(BatchStatus::failed);
  ask(asking("r1", RequestKind::abandon));
  EXPECT_FALSE(launch(failed.instance_id).request);
  EXPECT_EQ(pending()->id, "r1");
}

TEST_P(RepositoryRequest, P18StopKeepsTheLaunchFromRunningAndTheRequestPending) {
  const JobExecution failed = ended(BatchStatus::failed);
  ASSERT_EQ(control().request_stop("job", "bert").value(), StopAnswer::recorded);
  ask(asking("r1"));
  EXPECT_TRUE(std::holds_alternative<StoppedInstead>(answering("r1", failed.instance_id)));
  EXPECT_TRUE(answer("r1").pending);
  EXPECT_EQ(launch(failed.instance_id).request, "r1");
}

TEST_P(RepositoryRequest, P18RequestIsAnsweredByTextWhereItCannotBeDone) {
  ask(asking("r1", RequestKind::abandon));
  ok(replicas().answer_request(authority(), "r1", "there is no unfinished run"));
  EXPECT_FALSE(answer("r1").pending);
  EXPECT_EQ(answer("r1").text, "there is no unfinished run");
  EXPECT_FALSE(answer("r1").execution);
  EXPECT_FALSE(pending());
  ask(asking("r2"));
  EXPECT_EQ(answer("r1").text, "there is no unfinished run") << "it stays until the next one";
  ok(replicas().answer_request(authority(), "r2", "no"));
  EXPECT_FALSE(known("r1"));
}

TEST_P(RepositoryRequest, P18TextForARequestThatIsNotPendingChangesNothing) {
  ok(replicas().answer_request(authority(), "r0", "no"));
  ask(asking("r1"));
  ok(replicas().answer_request(authority(), "r0", "no"));
  EXPECT_FALSE(known("r0"));
  EXPECT_TRUE(answer("r1").pending);
}

TEST_P(RepositoryRequest, P15AnswerUnderAnotherFenceOrPastTheGuardIsRefused) {
  ask(asking("r1"));
  expect_kind(replicas().answer_request(authority(2), "r1", "no"), ErrorKind::lease_lost);
  expect_kind(replicas().answer_request(untrusted(), "r1", "no"), ErrorKind::lease_lost);
  EXPECT_TRUE(answer("r1").pending);
}

TEST_P(RepositoryRequest, P18LaunchThatIsRefusedLeavesTheRequestPending) {
  ask(asking("r1"));
  expect_kind(executions().launch(untrusted(), request()), ErrorKind::lease_lost);
  expect_kind(executions().launch(authority(), request(17)), ErrorKind::conflict);
  EXPECT_TRUE(answer("r1").pending);
}

TEST_P(RepositoryRequest, RequestsOfJobsAreApart) {
  ask(asking("r1"));
  EXPECT_EQ(control().ask("other", asking("r2", RequestKind::restart)).value(), "r2");
  EXPECT_FALSE(control().answer("other", "r1").value());
  EXPECT_EQ(pending()->id, "r1");
}

INSTANTIATE_TEST_SUITE_P(Every, RepositoryRequest, every_repository(), backend_name);

}  // namespace
}  // namespace baton

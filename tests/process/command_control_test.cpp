// pause, resume and trigger where no replica runs.
#include "tests/process/process_test.h"

namespace baton {
namespace {

class Controlling : public ProcessTest {
 protected:
  Controlling() { workspace_.write("baton.yaml", "jobs:\n" + command_job("good", "exit 0")); }

  static nlohmann::json only(const ProgramEnd& end) {
    EXPECT_EQ(end.exit_code, 0) << end.errors;
    const auto rows = nlohmann::json::parse(end.output);
    EXPECT_EQ(rows.size(), 1U);
    return rows.at(0);
  }
  std::string pending() const {
    return workspace_.query("baton.db", "SELECT request_kind FROM baton_job WHERE request_id IS NOT NULL");
  }
};

TEST_F(Controlling, P23PauseSaysByWhomWhyAndUntilWhen) {
  ProgramRequest request = workspace_.request({"pause", "good", "--reason", "the source moves", "--for", "2h"});
  request.environment = {{"USER", "anna"}};
  const ProgramEnd end = run_to_end(request);
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_THAT(end.output, testing::MatchesRegex("good is paused by anna@[^ ]+ since [-0-9: ]+ UTC until [-0-9: ]+ UTC: "
                                                "the source moves\n"));
  EXPECT_EQ(workspace_.query("baton.db",
                             "SELECT round((julianday(paused_until) - julianday(paused_at)) * 24, 3) "
                             "FROM baton_job"),
            "2.0");
}

TEST_F(Controlling, P23PauseListsItselfAsJson) {
  const auto row = only(run({"pause", "good", "--json"}));
  EXPECT_EQ(row["job"], "good");
  EXPECT_THAT(row["paused_by"].get<std::string>(), HasSubstr("@"));
  EXPECT_THAT(row["paused_since"].get<std::string>(), testing::EndsWith("Z"));
  EXPECT_TRUE(row["pause_reason"].is_null());
  EXPECT_TRUE(row["paused_until"].is_null());
  EXPECT_TRUE(row["running_execution_id"].is_null());
}

TEST_F(Controlling, P23PausedJobIsNotRunOnceUntilItIsResumed) {
  ASSERT_EQ(run({"pause", "good", "--reason", "why not"}).exit_code, 0);
  const ProgramEnd refused = run({"run", "--once", "good"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.output, "good: not run\n");
  EXPECT_THAT(refused.errors, AllOf(HasSubstr("why not"), HasSubstr("baton resume good")));
  EXPECT_TRUE(history().empty());
  EXPECT_EQ(run({"resume", "good"}).exit_code, 0);
  EXPECT_EQ(run({"run", "--once", "good"}).exit_code, 0);
}

TEST_F(Controlling, P23PauseEndsByItself) {
  ASSERT_EQ(run({"pause", "good", "--for", "1ms"}).exit_code, 0);
  EXPECT_EQ(run({"run", "--once", "good"}).exit_code, 0);
}

TEST_F(Controlling, P23PauseNamesTheRunThatItLeavesAlone) {
  make_gate("gate");
  workspace_.write("baton.yaml", "jobs:\n" + command_job("slow", "cat gate"));
  Program program(workspace_.request({"run", "--once", "slow"}));
  const int gate = reach_gate("gate");
  const ProgramEnd paused = run({"pause", "slow"});
  EXPECT_EQ(paused.exit_code, 0);
  EXPECT_THAT(paused.output, HasSubstr("its execution 1 is under way and goes on to its end"));
  EXPECT_EQ(only(run({"pause", "slow", "--json"}))["running_execution_id"], 1);
  close(gate);
  EXPECT_EQ(program.wait().exit_code, 0);
}

TEST_F(Controlling, P23UnfinishedRunOfAPausedJobIsNotRestartedButMayBeAbandoned) {
  workspace_.write("baton.yaml", "jobs:\n" + command_job("bad", "exit 3"));
  ASSERT_EQ(run({"run", "--once", "bad"}).exit_code, 1);
  ASSERT_EQ(run({"pause", "bad"}).exit_code, 0);
  const ProgramEnd refused = run({"restart", "bad"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.errors, HasSubstr("baton resume bad"));
  EXPECT_EQ(run({"abandon", "bad"}).exit_code, 0);
}

TEST_F(Controlling, WhatIsNotPausedIsNotResumed) {
  for (int i = 0; i < 2; ++i) {
    const ProgramEnd end = run({"resume", "good"});
    EXPECT_EQ(end.exit_code, 1);
    EXPECT_THAT(end.errors, HasSubstr("\"good\" is not paused"));
    ASSERT_EQ(run({"validate"}).exit_code, 0);
  }
  EXPECT_FALSE(workspace_.exists("baton.db")) << "nothing is made for an answer";
}

TEST_F(Controlling, UnknownJobIsWrongUsageAndTheKnownOnesAreNamed) {
  for (const char* command : {"pause", "resume", "trigger"}) {
    const ProgramEnd end = run({command, "gold"});
    EXPECT_EQ(end.exit_code, 2) << command;
    EXPECT_THAT(end.errors, AllOf(HasSubstr("no job \"gold\""), HasSubstr("good"))) << command;
  }
  EXPECT_FALSE(workspace_.exists("baton.db"));
}

TEST_F(Controlling, BadDurationIsWrongUsageAndPausesNothing) {
  for (const char* length : {"0s", "5", "-1s", "soon", "1.5h", ""}) {
    const ProgramEnd end = run({"pause", "good", "--for", length});
    EXPECT_EQ(end.exit_code, 2) << length;
    EXPECT_THAT(end.errors, HasSubstr("--for")) << length;
  }
  EXPECT_FALSE(workspace_.exists("baton.db"));
}

TEST_F(Controlling, ADurationThatIsTooLongIsCalledSoAndTheLongestIsNamed) {
  for (const char* length : {"99999999d", "99999999999999999999d"}) {
    const ProgramEnd end = run({"pause", "good", "--for", length});
    EXPECT_EQ(end.exit_code, 2) << length;
    EXPECT_THAT(end.errors, AllOf(HasSubstr("too long"), HasSubstr("36600d"))) << length;
  }
}

TEST_F(Controlling, WhatOthersWroteDoesNotSteerTheTerminal) {
  const ProgramEnd paused = run({"pause", "good", "--reason", "a\x1b[2Jb\nc"});
  EXPECT_THAT(paused.output, HasSubstr(R"(a\x1b[2Jb\nc)"));
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"trigger", "good"}, {"run", "--once", "good"}}) {
    const ProgramEnd refused = run(arguments);
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.errors, HasSubstr(R"(a\x1b[2Jb\nc)"));
  }
}

TEST_F(Controlling, P18TriggerOfAJobThatIsHeldBackIsRefused) {
  workspace_.write("baton.yaml", "jobs:\n" + command_job("bad", "exit 3"));
  ASSERT_EQ(run({"run", "--once", "bad"}).exit_code, 1);
  workspace_.execute("baton.db",
                     "INSERT INTO BATCH_JOB_EXECUTION SELECT JOB_EXECUTION_ID + x, VERSION, JOB_INSTANCE_ID, "
                     "CREATE_TIME, START_TIME, END_TIME, STATUS, EXIT_CODE, EXIT_MESSAGE, LAST_UPDATED FROM "
                     "BATCH_JOB_EXECUTION, (SELECT 1 x UNION SELECT 2)");
  workspace_.execute("baton.db",
                     "INSERT INTO baton_execution (job_execution_id, job, fence, replica, ended_by, reason) SELECT "
                     "job_execution_id + x, job, fence, replica, ended_by, reason FROM baton_execution, (SELECT 1 x "
                     "UNION SELECT 2)");
  workspace_.execute("baton.db", "UPDATE baton_execution SET ended_by = 'orphaned'");
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"trigger", "bad"}, {"trigger", "bad", "--wait"}, {"run", "--once", "bad"}}) {
    const ProgramEnd end = run(arguments);
    EXPECT_EQ(end.exit_code, 1);
    EXPECT_THAT(end.errors, AllOf(HasSubstr("died without committing anything"), HasSubstr("baton restart bad")));
  }
  EXPECT_EQ(pending(), "");
}

TEST_F(Controlling, P8AnotherLeaseStoreIsRefusedByEveryCommandThatNeedsItAndNotMade) {
  ASSERT_EQ(run({"run", "--once", "good"}).exit_code, 0);
  workspace_.write("baton.yaml",
                   "locks: { store: sqlite, url: 'sqlite:others.db' }\njobs:\n" + command_job("good", "exit 0"));
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"status"},
                                                                     {"explain", "good"},
                                                                     {"trigger", "good"},
                                                                     {"pause", "good"},
                                                                     {"resume", "good"},
                                                                     {"stop", "good"},
                                                                     {"restart", "good"},
                                                                     {"run", "--once", "good"}}) {
    const ProgramEnd end = run(arguments);
    EXPECT_EQ(end.exit_code, 78) << arguments[0];
    EXPECT_THAT(end.errors, AllOf(HasSubstr("leases are kept in the lease store"), HasSubstr("others.db")))
        << arguments[0];
  }
  EXPECT_FALSE(workspace_.exists("others.db"));
}

TEST_F(Controlling, P23ConflictWithARequestOfAPausedJobNamesResume) {
  workspace_.write("baton.yaml", "jobs:\n" + command_job("good", "exit 0"));
  ASSERT_EQ(run({"trigger", "good", "day=1"}).exit_code, 0);
  ASSERT_EQ(run({"pause", "good"}).exit_code, 0);
  const ProgramEnd end = run({"trigger", "good", "day=2", "--even-paused"});
  EXPECT_EQ(end.exit_code, 75);
  EXPECT_THAT(end.errors, HasSubstr("baton resume good lets it begin"));
}

TEST_F(Controlling, JobMayBeCalledLikeACommand) {
  workspace_.write("baton.yaml", "jobs:\n" + command_job("status", "exit 0") + command_job("trigger", "exit 0"));
  const ProgramEnd end = run({"run", "--once", "status", "trigger", "--json"});
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(nlohmann::json::parse(end.output).size(), 2U);
  EXPECT_EQ(nlohmann::json::parse(run({"history", "status", "--json"}).output).size(), 1U);
  EXPECT_EQ(only(run({"trigger", "trigger", "--json"}))["job"], "trigger");
}

TEST_F(Controlling, OutputThatCannotBeWrittenIsSaidAndNoSuccess) {
  for (const char* command : {"history", "status", "schema", "version", "--help", "status --watch --json"}) {
    ProgramRequest request = workspace_.request({});
    request.argv = {"/bin/sh", "-c", request.argv[0] + " " + command + " >/dev/full"};
    const ProgramEnd end = run_to_end(request);
    EXPECT_EQ(end.exit_code, 75) << command;
    EXPECT_THAT(end.errors, HasSubstr("baton: standard output: ")) << command;
  }
}

TEST_F(Controlling, BadParametersAndSeveralJobsAreWrongUsageOfTrigger) {
  workspace_.write("baton.yaml", "jobs:\n" + command_job("good", "exit 0") + command_job("other", "exit 0"));
  EXPECT_EQ(run({"trigger", "good", "other"}).exit_code, 2);
  EXPECT_EQ(run({"trigger", "a=1"}).exit_code, 2);
  EXPECT_EQ(run({"trigger"}).exit_code, 2);
  for (const char* parameter : {"run.id=7", "day=tomorrow,LocalDate", "=1"}) {
    const ProgramEnd end = run({"trigger", "good", parameter});
    EXPECT_EQ(end.exit_code, 2) << parameter;
    EXPECT_THAT(end.errors, HasSubstr(parameter));
  }
}

TEST_F(Controlling, P18TriggerWithoutAReplicaIsKeptAndSaysSo) {
  const ProgramEnd first = run({"trigger", "good"});
  EXPECT_EQ(first.exit_code, 0) << first.errors;
  EXPECT_EQ(first.output, "good: no live replica owns it: it runs when one does\n");
  EXPECT_EQ(pending(), "run");
  const ProgramEnd second = run({"trigger", "good"});
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_THAT(second.output, HasSubstr("it was asked for before and has not begun"));
  const auto row = only(run({"trigger", "good", "--json"}));
  EXPECT_EQ(row["asked_before"], "yes");
  EXPECT_TRUE(row["owner"].is_null());
  EXPECT_EQ(row["request_id"], workspace_.query("baton.db", "SELECT request_id FROM baton_job"));
}

TEST_F(Controlling, P18TriggerWithOtherParametersWaitsForItsTurn) {
  ASSERT_EQ(run({"trigger", "good", "day=1"}).exit_code, 0);
  const ProgramEnd end = run({"trigger", "good", "day=2"});
  EXPECT_EQ(end.exit_code, 75);
  EXPECT_THAT(end.errors, HasSubstr("has not begun yet"));
}

TEST_F(Controlling, P18TriggerWithParametersOfAnUnfinishedRunIsRefused) {
  workspace_.write("baton.yaml", "jobs:\n" + command_job("bad", "exit 3"));
  ASSERT_EQ(run({"run", "--once", "bad"}).exit_code, 1);
  const ProgramEnd end = run({"trigger", "bad", "day=2", "--wait"});
  EXPECT_EQ(end.exit_code, 1);
  EXPECT_THAT(end.errors,
              AllOf(HasSubstr("baton restart bad"), HasSubstr("baton abandon bad"), Not(HasSubstr("--even-paused"))));
  EXPECT_EQ(pending(), "");
}

TEST_F(Controlling, P18RunOnceAnswersAPendingTriggerWithItsParameters) {
  ASSERT_EQ(run({"trigger", "good", "day=1"}).exit_code, 0);
  ASSERT_EQ(run({"run", "--once", "good"}).exit_code, 0);
  EXPECT_EQ(pending(), "");
  EXPECT_EQ(workspace_.query("baton.db",
                             "SELECT PARAMETER_VALUE FROM BATCH_JOB_EXECUTION_PARAMS WHERE PARAMETER_NAME "
                             "= 'day'"),
            "1");
  EXPECT_EQ(history().size(), 1U);
}

TEST_F(Controlling, P23TriggerOfAPausedJobIsRefusedUnlessItSaysEvenPaused) {
  ASSERT_EQ(run({"pause", "good", "--reason", "why not"}).exit_code, 0);
  const ProgramEnd refused = run({"trigger", "good"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.errors, AllOf(HasSubstr("paused by"), HasSubstr("why not"), HasSubstr("baton resume good"),
                                    HasSubstr("--even-paused")));
  EXPECT_EQ(pending(), "");
  EXPECT_EQ(run({"trigger", "good", "--even-paused"}).exit_code, 0);
  EXPECT_EQ(pending(), "run");
}

TEST_F(Controlling, TriggerThatWaitsForAReplicaMayBeLeftAndTheRequestStays) {
  Program program(workspace_.request({"trigger", "good", "--wait"}));
  ASSERT_TRUE(program.await_error_text("no live replica owns it now"));
  program.signal(SIGINT);
  const ProgramEnd end = program.wait();
  EXPECT_EQ(end.exit_code, 75);
  EXPECT_EQ(end.output, "good: not run\n");
  EXPECT_THAT(end.errors, HasSubstr("the request stays"));
  EXPECT_EQ(pending(), "run");
}

}  // namespace
}  // namespace baton

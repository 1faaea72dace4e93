// Commands beside a replica that owns the jobs: it is asked, and its runs are followed (P18, P23).
#include "tests/process/process_test.h"

namespace baton {
namespace {

class BesideReplica : public ProcessTest {
 protected:
  static std::string config(const std::string& jobs) {
    return "locks: { lease: 2s, heartbeat: 500ms, refresh: 50ms }\njobs:\n" + jobs;
  }
  // Started, and the owner of `job`.
  std::unique_ptr<Program> start_replica(const std::string& job) const {
    auto replica = std::make_unique<Program>(workspace_.request({"run"}));
    EXPECT_TRUE(replica->await_error_text(job + ": owner"));
    return replica;
  }
  std::string executions() const {
    return workspace_.query("baton.db",
                            "SELECT e.JOB_INSTANCE_ID, e.STATUS, b.reason FROM BATCH_JOB_EXECUTION e JOIN "
                            "baton_execution b ON b.job_execution_id = e.JOB_EXECUTION_ID ORDER BY e.JOB_EXECUTION_ID");
  }
  std::string pending() const {
    return workspace_.query("baton.db", "SELECT request_kind FROM baton_job WHERE request_id IS NOT NULL");
  }
  // The owner dies while `once` waits for it; `once` runs the job itself then, past its gate. Each run adds a line to
  // the file "runs".
  void die_and_be_carried_on_by(Program& replica, int gate, Program& once) const {
    replica.signal(SIGKILL);
    replica.wait();
    close(gate);
    ASSERT_TRUE(once.await_error_text("so it is run here"));
    ASSERT_TRUE(await([&] { return workspace_.read("runs") == "x\nx\n"; }));
    pass_gate("gate");
  }
  std::string replica_id() const { return workspace_.query("baton.db", "SELECT id FROM baton_replica"); }
};

TEST_F(BesideReplica, RunOnceIsDoneByTheOwnerAndEndsWithTheLineOfTheRun) {
  workspace_.write("baton.yaml", LoadJob{}.text());
  workspace_.write("prices.csv", prices(3));
  const auto replica = start_replica("prices");
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_THAT(end.output, testing::MatchesRegex("prices COMPLETED: read 3, written 3, filtered 0, rejected 0, .*\n"));
  EXPECT_THAT(end.errors, HasSubstr("replica " + replica_id() + " owns it"));
  EXPECT_EQ(loaded(), loaded(3));
  ASSERT_EQ(history().size(), 1U);
  EXPECT_EQ(history()[0]["replica"], replica_id());
  EXPECT_EQ(history()[0]["reason"], "request");
  EXPECT_EQ(history()[0]["missed"], 0);
  const auto row = nlohmann::json::parse(run({"run", "--once", "prices", "--json"}).output).at(0);
  EXPECT_EQ(row["written"], 3);
  EXPECT_EQ(row["exit_code"], 0);
}

TEST_F(BesideReplica, RunOnceFollowsTheOwnersRestartsToTheirEnd) {
  workspace_.write("baton.yaml", config(command_job("flaky", "echo x >>tries; [ $(wc -l <tries) -ge 3 ]") +
                                        "    on_failure: { restarts: 2, backoff: 10ms }\n" +
                                        command_job("bad", "echo no such day; exit 3")));
  const auto replica = start_replica("flaky");
  EXPECT_EQ(run({"run", "--once", "flaky"}).exit_code, 0);
  EXPECT_EQ(executions(), "1|FAILED|request\n1|FAILED|restart\n1|COMPLETED|restart");
  const ProgramEnd bad = run({"run", "--once", "bad"});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.output, testing::StartsWith("bad FAILED: "));
  EXPECT_THAT(bad.errors, HasSubstr("exit code 3"));
}

TEST_F(BesideReplica, P18TriggerThatWaitsWhileItRunsFollowsTheRunAfterwards) {
  make_gate("gate");
  workspace_.write("baton.yaml", config(command_job("slow", "echo $BATON_INSTANCE >>runs; cat gate")));
  const auto replica = start_replica("slow");
  const ProgramEnd first = run({"trigger", "slow", "--json"});
  EXPECT_EQ(nlohmann::json::parse(first.output).at(0)["owner"], replica_id());
  const int gate = reach_gate("gate");
  Program second(workspace_.request({"trigger", "slow", "day=7", "--wait"}));
  ASSERT_TRUE(second.await_error_text("one more run follows it"));
  const ProgramEnd third = run({"trigger", "slow", "day=7"});
  EXPECT_EQ(third.exit_code, 0);
  EXPECT_THAT(third.output, HasSubstr("asked for before"));
  close(gate);
  ASSERT_TRUE(await([&] { return workspace_.read("runs") == "1\n2\n"; }));
  pass_gate("gate");
  const ProgramEnd end = second.wait();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_THAT(end.output, testing::StartsWith("slow COMPLETED: "));
  EXPECT_EQ(executions(), "1|COMPLETED|request\n2|COMPLETED|request");
  EXPECT_EQ(workspace_.query("baton.db",
                             "SELECT PARAMETER_VALUE FROM BATCH_JOB_EXECUTION_PARAMS WHERE PARAMETER_NAME "
                             "= 'day' AND JOB_EXECUTION_ID = 2"),
            "7");
}

TEST_F(BesideReplica, P18TriggerWithParametersWhoseRunBeforeFailsIsNotRunAndSaysSo) {
  make_gate("gate");
  workspace_.write("baton.yaml", config(command_job("slow", "cat gate; exit 3")));
  const auto replica = start_replica("slow");
  ASSERT_EQ(run({"trigger", "slow"}).exit_code, 0);
  const int gate = reach_gate("gate");
  Program trigger(workspace_.request({"trigger", "slow", "day=7", "--wait"}));
  ASSERT_TRUE(trigger.await_error_text("one more run follows it"));
  close(gate);
  const ProgramEnd end = trigger.wait();
  EXPECT_EQ(end.exit_code, 1);
  EXPECT_EQ(end.output, "slow: not run\n");
  EXPECT_THAT(end.errors, AllOf(HasSubstr("baton restart slow"), HasSubstr("baton abandon slow")));
  EXPECT_EQ(executions(), "1|FAILED|request");
  EXPECT_EQ(pending(), "");
}

TEST_F(BesideReplica, RestartAndAbandonAreDoneByTheOwner) {
  workspace_.write("baton.yaml", config(command_job("bad", "[ -e mended ]")));
  const auto replica = start_replica("bad");
  for (const char* command : {"restart", "abandon"}) {
    const ProgramEnd none = run({command, "bad"});
    EXPECT_EQ(none.exit_code, 1) << command;
    EXPECT_THAT(none.errors, HasSubstr("no unfinished run")) << command;
  }
  ASSERT_EQ(run({"run", "--once", "bad"}).exit_code, 1);
  const ProgramEnd abandoned = run({"abandon", "bad"});
  EXPECT_EQ(abandoned.exit_code, 0) << abandoned.errors;
  EXPECT_THAT(abandoned.output, testing::StartsWith("bad ABANDONED: "));
  ASSERT_EQ(run({"run", "--once", "bad"}).exit_code, 1);
  workspace_.write("mended", "");
  const ProgramEnd restarted = run({"restart", "bad"});
  EXPECT_EQ(restarted.exit_code, 0) << restarted.errors;
  EXPECT_THAT(restarted.output, testing::StartsWith("bad COMPLETED: "));
  EXPECT_EQ(executions(), "1|ABANDONED|request\n2|FAILED|request\n2|COMPLETED|request");
  EXPECT_EQ(workspace_.query("baton.db", "SELECT count(DISTINCT replica) FROM baton_execution"), "1");
}

TEST_F(BesideReplica, P23AbandonOfAPausedJobTakesThePlaceOfAPendingTrigger) {
  workspace_.write("baton.yaml", config(command_job("bad", "exit 3")));
  const auto replica = start_replica("bad");
  ASSERT_EQ(run({"run", "--once", "bad"}).exit_code, 1);
  ASSERT_EQ(run({"pause", "bad"}).exit_code, 0);
  workspace_.execute("baton.db",
                     "UPDATE baton_job SET request_id = 'r1', request_kind = 'run', request_by = 'anna@host', "
                     "request_at = paused_at, request_parameters = '[]', request_even_paused = 0");
  const ProgramEnd abandoned = run({"abandon", "bad"});
  EXPECT_EQ(abandoned.exit_code, 0) << abandoned.errors;
  EXPECT_EQ(executions(), "1|ABANDONED|request");
  EXPECT_EQ(pending(), "");
}

TEST_F(BesideReplica, StopSaysThatAScheduledJobGoesOnAndThatACommandIsCancelled) {
  make_gate("gate");
  workspace_.write("baton.yaml", config(command_job("slow", "cat gate") + "    schedule: { cron: \"0 0 0 1 1 *\" }\n"));
  const auto replica = start_replica("slow");
  ASSERT_EQ(run({"trigger", "slow"}).exit_code, 0);
  const int gate = reach_gate("gate");
  const ProgramEnd stop = run({"stop", "slow"});
  EXPECT_EQ(stop.exit_code, 0);
  EXPECT_THAT(stop.output, AllOf(HasSubstr("is cancelled"), HasSubstr("at its next due time"), HasSubstr("0 0 0 1 1 *"),
                                 HasSubstr("baton pause slow"), HasSubstr("baton restart slow")));
  EXPECT_TRUE(await([&] { return executions() == "1|STOPPED|request"; }));
  close(gate);
}

TEST_F(BesideReplica, FollowerThatIsInterruptedLeavesTheRunGoing) {
  make_gate("gate");
  workspace_.write("baton.yaml", config(command_job("slow", "cat gate")));
  const auto replica = start_replica("slow");
  Program once(workspace_.request({"run", "--once", "slow"}));
  const int gate = reach_gate("gate");
  ASSERT_TRUE(once.await_error_text("execution 1 of instance 1 runs on"));
  once.signal(SIGINT);
  const ProgramEnd end = once.wait();
  EXPECT_EQ(end.exit_code, 75);
  EXPECT_THAT(end.errors, HasSubstr("its run goes on"));
  EXPECT_THAT(executions(), testing::AnyOf("1|STARTED|request", "1|STARTING|request"));
  close(gate);
  EXPECT_TRUE(await([&] { return executions() == "1|COMPLETED|request"; }));
}

TEST_F(BesideReplica, RequestOfARunOnceThatIsInterruptedBeforeItBeganIsTakenBack) {
  make_gate("gate");
  workspace_.write("baton.yaml", config(command_job("slow", "cat gate")));
  const auto replica = start_replica("slow");
  ASSERT_EQ(run({"trigger", "slow"}).exit_code, 0);
  const int gate = reach_gate("gate");
  Program once(workspace_.request({"run", "--once", "slow"}));
  ASSERT_TRUE(once.await_error_text("waiting for the replica"));
  once.signal(SIGINT);
  const ProgramEnd end = once.wait();
  EXPECT_EQ(end.exit_code, 75);
  EXPECT_THAT(end.errors, HasSubstr("the request was taken back"));
  EXPECT_EQ(pending(), "");
  close(gate);
  EXPECT_TRUE(await([&] { return executions() == "1|COMPLETED|request"; }));
}

TEST_F(BesideReplica, P18RunOnceTakesTheJobOverFromAnOwnerThatDied) {
  make_gate("gate");
  workspace_.write("baton.yaml", config(command_job("slow", "echo x >>runs; cat gate")));
  const auto replica = start_replica("slow");
  ASSERT_EQ(run({"trigger", "slow"}).exit_code, 0);
  const int gate = reach_gate("gate");
  Program once(workspace_.request({"run", "--once", "slow"}));
  ASSERT_TRUE(once.await_error_text("waiting for the replica"));
  ASSERT_NO_FATAL_FAILURE(die_and_be_carried_on_by(*replica, gate, once));
  const ProgramEnd end = once.wait();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(executions(), "1|FAILED|request\n1|COMPLETED|request");
  EXPECT_EQ(pending(), "") << "it was taken back, so no replica runs it once more";
}

TEST_F(BesideReplica, P18RunOnceLeavesARequestThatIsAnothers) {
  make_gate("gate");
  workspace_.write("baton.yaml", config(command_job("slow", "echo x >>runs; cat gate")));
  const auto replica = start_replica("slow");
  ASSERT_EQ(run({"trigger", "slow"}).exit_code, 0);
  const int gate = reach_gate("gate");
  ASSERT_EQ(run({"trigger", "slow"}).exit_code, 0);
  const std::string asked = workspace_.query("baton.db", "SELECT request_id FROM baton_job");
  Program once(workspace_.request({"run", "--once", "slow"}));
  ASSERT_TRUE(once.await_error_text("waiting for the replica"));
  ASSERT_NO_FATAL_FAILURE(die_and_be_carried_on_by(*replica, gate, once));
  EXPECT_EQ(once.wait().exit_code, 0);
  EXPECT_EQ(workspace_.query("baton.db", "SELECT request_id FROM baton_job"), asked)
      << "the run carried on is no answer";
}

// Both wait for the lease; the run is made here or asked of the replica, at once in either case.
TEST_F(BesideReplica, RunOnceThatWaitsForALeaseIsDoneByWhoeverGetsIt) {
  make_gate("gate");
  workspace_.write("baton.yaml", config(command_job("slow", "[ -e quick ] || cat gate")));
  Program first(workspace_.request({"run", "--once", "slow"}));
  const int gate = reach_gate("gate");
  const auto replica = std::make_unique<Program>(workspace_.request({"run"}));
  ASSERT_TRUE(await([&] { return !replica_id().empty(); }));
  Program second(workspace_.request({"run", "--once", "slow"}));
  ASSERT_TRUE(second.await_error_text("holds it"));
  workspace_.write("quick", "");
  close(gate);
  ASSERT_EQ(first.wait().exit_code, 0);
  const ProgramEnd end = second.wait();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(executions(), "1|COMPLETED|request\n2|COMPLETED|request");
}

TEST_F(BesideReplica, P23PauseKeepsTheOwnerFromBeginningAndEvenPausedDoesNot) {
  make_gate("gate");
  workspace_.write("baton.yaml", config(command_job("slow", "cat gate")));
  const auto replica = start_replica("slow");
  ASSERT_EQ(run({"trigger", "slow"}).exit_code, 0);
  const int gate = reach_gate("gate");
  const ProgramEnd paused = run({"pause", "slow", "--reason", "why not"});
  EXPECT_THAT(paused.output, HasSubstr("goes on to its end"));
  const ProgramEnd refused = run({"run", "--once", "slow"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.errors, AllOf(HasSubstr("paused by"), HasSubstr("why not"), HasSubstr("baton resume slow")));
  close(gate);
  ASSERT_TRUE(await([&] { return executions() == "1|COMPLETED|request"; }));
  Program even(workspace_.request({"trigger", "slow", "--even-paused", "--wait"}));
  pass_gate("gate");
  EXPECT_EQ(even.wait().exit_code, 0);
  EXPECT_EQ(executions(), "1|COMPLETED|request\n2|COMPLETED|request");
}

TEST_F(BesideReplica, P18TriggerThatCameBeforeAnyReplicaIsRunByTheFirst) {
  workspace_.write("baton.yaml", config(command_job("good", "exit 0")));
  Program trigger(workspace_.request({"trigger", "good", "--wait"}));
  ASSERT_TRUE(trigger.await_error_text("no live replica owns it"));
  const auto replica = start_replica("good");
  const ProgramEnd end = trigger.wait();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(executions(), "1|COMPLETED|request");
}

}  // namespace
}  // namespace baton

// A replica that is killed: P5, P6, P10, P15, P16.
#include "tests/process/replica_fixture.h"

namespace baton {
namespace {

using std::chrono::steady_clock;

class KilledReplica : public ReplicaTest {};

TEST_F(KilledReplica, ItsJobsAreTakenWithinTheBoundAndItsRunIsCarriedOnFromTheLastChunk) {
  workspace_.write("prices.csv", prices(200));
  configure({.jobs = load_job("prices", once_an_hour, 20) + sql_job("one", by_hand) + sql_job("two", by_hand)});
  make_gate("gate");
  const Replica first = start_with_point("after Transaction::commit 5 wait gate");
  const int gate = reach_gate("gate");
  ASSERT_TRUE(await_held(first, 3));
  const Replica second = start();
  ASSERT_TRUE(await_held(second, 1)) << "it is offered one of the idle jobs";
  ASSERT_EQ(count_held(first), 2);
  ASSERT_THAT(held_by(first), HasSubstr("prices")) << "a run is not interrupted for it";
  EXPECT_EQ(loaded("prices"), loaded(100));

  const auto killed = steady_clock::now();
  first->signal(SIGKILL);
  close(gate);
  ASSERT_TRUE(await_held(second, 3));
  EXPECT_LT(steady_clock::now() - killed, 3 * (lease_time + refresh_time) + latency_allowance) << "P6";

  ASSERT_TRUE(await_completed("prices", 1));
  EXPECT_EQ(runs("prices"), "FAILED|orphaned|schedule\nCOMPLETED|itself|carry_on");
  EXPECT_EQ(loaded("prices"), loaded(200));
  EXPECT_EQ(repository("SELECT COMMIT_COUNT FROM BATCH_STEP_EXECUTION ORDER BY STEP_EXECUTION_ID"), "5\n5");
  EXPECT_EQ(open_executions(), "");
  end(second);
  EXPECT_EQ(leases(), "");
}

TEST_F(KilledReplica, BeforeItsFirstChunkCostsNothing) {
  workspace_.write("prices.csv", prices(200));
  configure({.jobs = load_job("prices", once_an_hour, 20)});
  for (int i = 0; i < 2; ++i) {
    const Replica first = start_with_point("before TableWriter::write 1 kill");
    EXPECT_EQ(first->wait().exit_code, 128 + SIGKILL);
  }
  const Replica second = start();
  ASSERT_TRUE(await_completed("prices", 1));
  EXPECT_EQ(loaded("prices"), loaded(200));
  EXPECT_EQ(runs("prices"), "FAILED|orphaned|schedule\nFAILED|orphaned|carry_on\nCOMPLETED|itself|carry_on");
  end(second);
}

// P10: work that kills its process does not kill every replica in turn.
TEST_F(KilledReplica, ThriceWithoutProgressHoldsTheJobBackUntilAPersonRestartsIt) {
  workspace_.write("prices.csv", prices(200));
  configure({.jobs = load_job("prices", once_an_hour, 20)});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(start_with_point("before TableWriter::write 1 kill")->wait().exit_code, 128 + SIGKILL);
  }
  const Replica fourth = start();
  ASSERT_TRUE(fourth->await_error_text("held back"));
  ASSERT_TRUE(await_held(fourth, 1));
  EXPECT_EQ(open_executions(), "");
  EXPECT_EQ(count_runs("prices", "FAILED"), 3);
  EXPECT_EQ(run({"restart", "prices"}).exit_code, 0);
  EXPECT_EQ(loaded("prices"), loaded(200));
  EXPECT_EQ(count_runs("prices", "COMPLETED"), 1);
  end(fourth);
}

// P16.
class NobodysRun : public ReplicaTest {
 protected:
  // Leaves an execution of the job STARTED, without an owner.
  void leave_open(const std::string& jobs, const std::string& job) {
    workspace_.write("prices.csv", prices(200));
    configure({.jobs = jobs});
    const Replica dying = start_with_point("after Transaction::commit 5 kill");
    ASSERT_EQ(dying->wait().exit_code, 128 + SIGKILL);
    ASSERT_THAT(runs(job), testing::StartsWith("STARTED|"));
  }
  void expect_closed(const std::string& job) {
    EXPECT_TRUE(await_runs(job, "FAILED|orphaned|schedule")) << runs(job);
    EXPECT_TRUE(await([&] { return leases().find(job + "|") == std::string::npos; })) << "its lease is released";
  }
};

TEST_F(NobodysRun, OfAJobThatNoConfigurationNamesIsClosed) {
  leave_open(load_job("prices", once_an_hour, 20), "prices");
  configure({.jobs = sql_job("other", by_hand)});
  const Replica heir = start();
  ASSERT_TRUE(heir->await_error_text("prices: closed what its former owner had left open"));
  expect_closed("prices");
  EXPECT_EQ(open_executions(), "");
  EXPECT_EQ(loaded("prices"), loaded(100));
  EXPECT_TRUE(await_held(heir, 1)) << "its token is for its own job";
  end(heir);
}

TEST_F(NobodysRun, OfAJobThatNoTokenIsFreeForIsClosed) {
  leave_open(load_job("prices", once_an_hour, 20), "prices");
  // The other job is free at once, so that the only token is taken when this lease is over.
  make_gate("gate");
  configure({.tokens = 1, .jobs = shell_job("busy", once_an_hour, "cat gate") + load_job("prices", once_an_hour, 20)});
  const Replica heir = start();
  const int gate = reach_gate("gate");
  ASSERT_TRUE(heir->await_error_text("prices: closed what its former owner had left open"));
  expect_closed("prices");
  EXPECT_EQ(held_by(heir), "busy");
  EXPECT_EQ(status_of("prices", "state"), "unowned");
  EXPECT_EQ(status_of("prices", "reason"), "no capacity (2 jobs, 1 live token)");
  close(gate);
  ASSERT_TRUE(await_completed("busy", 1));
  EXPECT_EQ(open_executions(), "");
  end(heir);
}

TEST_F(NobodysRun, OfAPausedJobIsClosedAndTheJobStaysPaused) {
  const std::string jobs = load_job("prices", once_an_hour, 20);
  leave_open(jobs, "prices");
  ASSERT_EQ(run({"pause", "prices", "--reason", "stock-taking"}).exit_code, 0);
  const Replica heir = start();
  ASSERT_TRUE(await_runs("prices", "FAILED|orphaned|schedule"));
  ASSERT_TRUE(await_held(heir, 1)) << "a paused job keeps an owner";
  EXPECT_EQ(open_executions(), "");
  ASSERT_EQ(run({"resume", "prices"}).exit_code, 0);
  ASSERT_TRUE(await_completed("prices", 1));
  EXPECT_EQ(loaded("prices"), loaded(200));
  end(heir);
}

}  // namespace
}  // namespace baton

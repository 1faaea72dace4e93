// Pause, resume, stop and restart of jobs that a live replica owns (P18, P23).
#include "tests/process/replica_fixture.h"

namespace baton {
namespace {

class OwnedJobs : public ReplicaTest {
 protected:
  // Another job of the same replica, as a clock: so many of its runs began and ended from now on.
  void let_pass_runs_of_tick(int runs = 5) const {
    const int before = count_runs("tick", "COMPLETED");
    ASSERT_TRUE(await_completed("tick", before + runs + 1));
  }
  static std::string tick() { return sql_job("tick", "{ fixed_delay: 20ms }"); }
};

TEST_F(OwnedJobs, APauseLetsTheRunEndAndStartsNoOtherUntilItIsResumed) {
  make_gate("gate");
  configure({.jobs = shell_job("slow", "{ fixed_delay: 20ms }", "cat gate") + tick()});
  const Replica replica = start();
  const int first = reach_gate("gate");
  ASSERT_EQ(run({"pause", "slow", "--reason", "stock-taking"}).exit_code, 0);
  close(first);
  ASSERT_TRUE(await_completed("slow", 1)) << "the run is not interrupted";
  let_pass_runs_of_tick();
  EXPECT_EQ(runs("slow"), "COMPLETED|itself|schedule");
  EXPECT_EQ(count_held(replica), 2) << "owner and token stay";
  EXPECT_THAT(run({"status"}).output, HasSubstr("stock-taking"));

  ASSERT_EQ(run({"resume", "slow"}).exit_code, 0);
  const int second = reach_gate("gate");
  ASSERT_EQ(run({"pause", "slow"}).exit_code, 0);
  close(second);
  ASSERT_TRUE(await_completed("slow", 2));
  let_pass_runs_of_tick();
  EXPECT_EQ(count_runs("slow", "COMPLETED"), 2) << "what was missed is due once";
  EXPECT_EQ(open_executions().find("slow"), std::string::npos);
  end(replica);
}

TEST_F(OwnedJobs, AStopEndsTheRunAtItsNextChunkAndARestartCarriesItOn) {
  workspace_.write("prices.csv", prices(200));
  make_gate("gate");
  configure({.jobs = load_job("prices", once_an_hour, 20)});
  const Replica replica = start_with_point("after Transaction::commit 5 wait gate");
  const int gate = reach_gate("gate");
  const ProgramEnd asked = run({"stop", "prices"});
  EXPECT_EQ(asked.exit_code, 0) << asked.errors;
  close(gate);
  ASSERT_TRUE(await_runs("prices", "STOPPED|person|schedule")) << runs("prices");
  EXPECT_EQ(loaded("prices"), loaded(100));
  EXPECT_EQ(count_held(replica), 1);
  EXPECT_EQ(run({"restart", "prices"}).exit_code, 0);
  EXPECT_EQ(count_runs("prices", "COMPLETED"), 1);
  EXPECT_EQ(loaded("prices"), loaded(200));
  end(replica);
}

}  // namespace
}  // namespace baton

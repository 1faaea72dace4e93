// stop, restart, abandon.
#include "tests/process/process_test.h"

namespace baton {
namespace {

class Stopping : public ProcessTest {
 protected:
  std::string executions() const {
    return workspace_.query("baton.db",
                            "SELECT e.JOB_INSTANCE_ID, e.STATUS, b.ended_by FROM BATCH_JOB_EXECUTION e "
                            "LEFT JOIN baton_execution b ON b.job_execution_id = e.JOB_EXECUTION_ID ORDER BY "
                            "e.JOB_EXECUTION_ID");
  }
};

TEST_F(Stopping, ALoadStopsAtItsNextChunkAndRestartCompletesItExactly) {
  constexpr int rows = 30'000;
  configure({.step = "chunk: 1"});
  workspace_.write("prices.csv", prices(rows));
  Program program(workspace_.request({"run", "--once", "prices"}));
  ASSERT_TRUE(await([&] { return has_rows(); }));

  const ProgramEnd stop = run({"stop", "prices"});
  EXPECT_EQ(stop.exit_code, 0) << stop.errors;
  EXPECT_THAT(stop.output, HasSubstr("baton restart prices"));
  const ProgramEnd end = program.wait();
  EXPECT_EQ(end.exit_code, 1);
  EXPECT_THAT(end.output, testing::StartsWith("prices STOPPED: "));
  EXPECT_EQ(executions(), "1|STOPPED|person");
  EXPECT_NE(loaded(), loaded(rows));
  EXPECT_EQ(history()[0]["ended_by"], "person");

  configure();  // another chunk size does not matter
  EXPECT_EQ(run({"restart", "prices"}).exit_code, 0);
  EXPECT_EQ(loaded(), loaded(rows));
  EXPECT_EQ(executions(), "1|STOPPED|person\n1|COMPLETED|itself");
}

TEST_F(Stopping, ACommandIsEnded) {
  make_gate("gate");
  workspace_.write("baton.yaml", "locks: { refresh: 50ms }\njobs:\n" + command_job("slow", "echo $$ >pid; cat gate"));
  Program program(workspace_.request({"run", "--once", "slow"}));
  const int gate = reach_gate("gate");
  EXPECT_EQ(run({"stop", "slow"}).exit_code, 0);
  EXPECT_EQ(program.wait().exit_code, 1);
  close(gate);
  EXPECT_EQ(executions(), "1|STOPPED|person");
  EXPECT_NE(kill(std::stoi(workspace_.read("pid")), 0), 0) << "the command runs on";
}

TEST_F(Stopping, WhatIsNotRunningIsNotCarriedOnByTheNextLaunchOnly) {
  configure();
  workspace_.write("prices.csv", "id,price\nx,1\n");
  ASSERT_EQ(run_prices().exit_code, 1);
  EXPECT_EQ(run({"stop", "prices"}).exit_code, 0);
  workspace_.write("prices.csv", prices(2));
  const ProgramEnd refused = run_prices();
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.errors, HasSubstr("asked to stop it"));
  EXPECT_EQ(run_prices().exit_code, 0);
  EXPECT_EQ(loaded(), loaded(2));
  EXPECT_EQ(history().size(), 2U);
}

TEST_F(Stopping, NothingUnfinishedIsNothingToStopRestartOrAbandon) {
  configure();
  workspace_.write("prices.csv", prices(2));
  for (const bool before : {true, false}) {
    for (const char* command : {"stop", "restart", "abandon"}) {
      const ProgramEnd end = run({command, "prices"});
      EXPECT_EQ(end.exit_code, 1) << command;
      EXPECT_THAT(end.errors, HasSubstr("no unfinished run")) << command;
    }
    ASSERT_TRUE(!before || run_prices().exit_code == 0);
  }
  EXPECT_EQ(executions(), "1|COMPLETED|itself");
}

TEST_F(Stopping, AnAbandonedRunIsOverAndTheNextIsAnotherInstance) {
  configure({.step = "chunk: 2"});
  workspace_.write("prices.csv", prices(2) + "x,1\n");
  ASSERT_EQ(run_prices().exit_code, 1);
  const ProgramEnd abandoned = run({"abandon", "prices"});
  EXPECT_EQ(abandoned.exit_code, 0) << abandoned.errors;
  EXPECT_EQ(executions(), "1|ABANDONED|itself");
  EXPECT_EQ(loaded(), loaded(2)) << "what was committed stays";

  workspace_.write("prices.csv", prices(3, 3));
  EXPECT_EQ(run_prices().exit_code, 0);
  EXPECT_EQ(loaded(), loaded(5));
  EXPECT_EQ(executions(), "1|ABANDONED|itself\n2|COMPLETED|itself");
}

}  // namespace
}  // namespace baton

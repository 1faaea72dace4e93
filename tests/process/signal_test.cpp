// SIGTERM and SIGINT (P22).
#include "tests/process/process_test.h"

#include <fstream>

namespace baton {
namespace {

class StopSignal : public ProcessTest, public testing::WithParamInterface<int> {};

TEST_P(StopSignal, ALoadStopsAtItsNextChunkAndTheNextRunCarriesItOn) {
  constexpr int rows = 30'000;
  configure({.step = "chunk: 1"});
  workspace_.write("prices.csv", prices(rows));
  Program program(workspace_.request({"run", "--once", "prices"}));
  ASSERT_TRUE(await([&] { return has_rows(); }));
  program.signal(GetParam());
  const ProgramEnd end = program.wait();

  EXPECT_EQ(end.exit_code, 75);
  EXPECT_THAT(end.output, testing::StartsWith("prices STOPPED: "));
  EXPECT_THAT(end.errors, HasSubstr("run it again"));
  EXPECT_EQ(workspace_.query("baton.db",
                             "SELECT STATUS, ended_by FROM BATCH_JOB_EXECUTION e JOIN baton_execution b "
                             "ON b.job_execution_id = e.JOB_EXECUTION_ID"),
            "STOPPED|shutdown");
  EXPECT_EQ(nlohmann::json::parse(run({"status", "--json"}).output)[0]["owner"], nullptr) << "the lease is released";
  configure();
  EXPECT_EQ(run_prices().exit_code, 0);
  EXPECT_EQ(loaded(), loaded(rows));
  EXPECT_EQ(workspace_.query("baton.db", "SELECT count(*) FROM BATCH_JOB_INSTANCE"), "1");
}

INSTANTIATE_TEST_SUITE_P(Both, StopSignal, testing::Values(SIGTERM, SIGINT),
                         [](const auto& one) { return one.param == SIGTERM ? "SIGTERM" : "SIGINT"; });

class SecondSignal : public ProcessTest {
 protected:
  // A killed process may be a zombie that nobody has collected yet.
  static bool runs(const std::string& pid) {
    std::ifstream file("/proc/" + std::to_string(std::stoi(pid)) + "/stat");
    std::string text;
    return std::getline(file, text) && text.find(") Z ") == std::string::npos && text.find(") X ") == std::string::npos;
  }
};

TEST_F(SecondSignal, EndsTheProgramAtOnce) {
  make_gate("gate");
  workspace_.write("baton.yaml",
                   "jobs:\n" + command_job("deaf", "trap \"\" TERM; echo deaf; while :; do read x <gate; done"));
  Program program(workspace_.request({"run", "--once", "deaf"}));
  const int gate = reach_gate("gate");
  program.signal(SIGTERM);
  ASSERT_TRUE(program.await_error_text("stopping")) << "it says that it stops";
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait().exit_code, 75);
  close(gate);
}

TEST_F(SecondSignal, P22EndsWhatACommandHasStartedToo) {
  make_gate("gate");
  workspace_.write("baton.yaml",
                   "jobs:\n" + command_job("deaf", "trap \"\" TERM; sh -c \"echo \\$\\$ >pid; cat gate\""));
  Program program(workspace_.request({"run", "--once", "deaf"}));
  const int gate = reach_gate("gate");
  program.signal(SIGTERM);
  ASSERT_TRUE(program.await_error_text("stopping"));
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait().exit_code, 75);
  EXPECT_TRUE(await([&] { return !runs(workspace_.read("pid")); })) << "the command's child runs on";
  close(gate);
}

TEST_F(SecondSignal, P22WithoutItACommandThatIgnoresTheFirstIsKilledInTimeToWriteItsEndDown) {
  make_gate("gate");
  workspace_.write("baton.yaml",
                   "replica: { shutdown_grace: 2s }\njobs:\n" +
                       command_job("deaf", "trap \"\" TERM; sh -c \"echo \\$\\$ >pid; cat gate\"; cat gate"));
  Program program(workspace_.request({"run", "--once", "deaf"}));
  const int gate = reach_gate("gate");
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait().exit_code, 75);
  EXPECT_TRUE(await([&] { return !runs(workspace_.read("pid")); })) << "the command's child runs on";
  EXPECT_EQ(workspace_.query("baton.db", "SELECT STATUS FROM BATCH_JOB_EXECUTION"), "STOPPED");
  close(gate);
}

TEST_F(SecondSignal, AWaitForALeaseEndsAtTheFirst) {
  make_gate("gate");
  workspace_.write("baton.yaml", "locks: { refresh: 50ms }\njobs:\n" + command_job("slow", "cat gate"));
  Program holder(workspace_.request({"run", "--once", "slow"}));
  const int gate = reach_gate("gate");
  Program waiting(workspace_.request({"run", "--once", "slow"}));
  ASSERT_TRUE(waiting.await_error_text("holds it"));
  waiting.signal(SIGTERM);
  EXPECT_EQ(waiting.wait().exit_code, 75);
  close(gate);
  EXPECT_EQ(holder.wait().exit_code, 0);
}

}  // namespace
}  // namespace baton

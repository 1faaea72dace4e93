// baton run --once: what it tells, what it records, and that a job has one owner.
#include "tests/process/process_test.h"

namespace baton {
namespace {

class RunOnce : public ProcessTest {};

TEST_F(RunOnce, EndsWithOneLineThatCounts) {
  configure({.step = "skip: { limit: 5 }"});
  workspace_.write("prices.csv", prices(3) + "4\n");
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_THAT(end.output, testing::MatchesRegex("prices COMPLETED: read 4, written 3, filtered 0, rejected 1, "
                                                "[0-9]+\\.[0-9][0-9] s, [0-9]+ rows/s\n"));
}

TEST_F(RunOnce, ParametersAreStoredWithTheirTypes) {
  configure({.job = "parameters: { region: eu, size: { value: 7, type: Long } }"});
  workspace_.write("prices.csv", prices(1));
  const ProgramEnd end =
      run({"run", "--once", "prices", "region=us", "day=2024-01-15,LocalDate", "note=a b,String,false"});
  ASSERT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(workspace_.query("baton.db",
                             "SELECT PARAMETER_NAME, PARAMETER_TYPE, PARAMETER_VALUE, IDENTIFYING "
                             "FROM BATCH_JOB_EXECUTION_PARAMS ORDER BY 1"),
            "day|java.time.LocalDate|2024-01-15|Y\n"
            "note|java.lang.String|a b|N\n"
            "region|java.lang.String|us|Y\n"
            "run.id|java.lang.Long|1|Y\n"
            "size|java.lang.Long|7|Y");
}

TEST_F(RunOnce, RunsAtMostTokensJobsAtATime) {
  // a and b meet; c comes when one of them is done.
  const std::string script =
      "touch running.$BATON_JOB; if [ $BATON_JOB != c ]; then until [ -e both ]; do "
      "[ -e running.a ] && [ -e running.b ] && touch both; done; fi; ls | grep -c ^running >>counts; "
      "rm running.$BATON_JOB";
  workspace_.write("baton.yaml", "replica: { tokens: 2 }\njobs:\n" + command_job("a", script) +
                                     command_job("b", script) + command_job("c", script));
  const ProgramEnd end = run({"run", "--once", "a", "b", "c"});
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_THAT(workspace_.read("counts"), AllOf(testing::StartsWith("2\n"), Not(HasSubstr("3"))));
  EXPECT_THAT(end.output, testing::MatchesRegex("a COMPLETED.*\nb COMPLETED.*\nc COMPLETED.*\n"));
}

TEST_F(RunOnce, TheWorstOfSeveralJobsIsTheExitCode) {
  workspace_.write("baton.yaml",
                   "jobs:\n" + command_job("good", "exit 0") + command_job("bad", "echo no such day; exit 3"));
  const ProgramEnd end = run({"run", "--once", "good", "bad"});
  EXPECT_EQ(end.exit_code, 1);
  EXPECT_THAT(end.output, testing::MatchesRegex("good COMPLETED.*\nbad FAILED.*\n"));
  const auto history = this->history();
  ASSERT_EQ(history.size(), 2U);
  const auto& bad = history[history[0]["job"] == "bad" ? 0 : 1];
  EXPECT_THAT(bad["message"].get<std::string>(), AllOf(HasSubstr("exit code 3"), HasSubstr("no such day")));
}

TEST_F(RunOnce, AFailureIsRestartedAsOftenAsConfigured) {
  workspace_.write("baton.yaml", "jobs:\n" + command_job("flaky", "echo x >>tries; exit 1") +
                                     "    on_failure: { restarts: 2, backoff: 10ms }\n");
  EXPECT_EQ(run({"run", "--once", "flaky"}).exit_code, 1);
  EXPECT_EQ(workspace_.read("tries"), "x\nx\nx\n");
  EXPECT_EQ(workspace_.query("baton.db", "SELECT JOB_INSTANCE_ID, STATUS FROM BATCH_JOB_EXECUTION"),
            "1|FAILED\n1|FAILED\n1|FAILED");
}

TEST_F(RunOnce, ARestartThatSucceedsEndsTheRun) {
  workspace_.write("baton.yaml", "jobs:\n" + command_job("flaky", "echo x >>tries; [ $(wc -l <tries) -ge 2 ]") +
                                     "    on_failure: { restarts: 5, backoff: 10ms }\n");
  EXPECT_EQ(run({"run", "--once", "flaky"}).exit_code, 0);
  EXPECT_EQ(workspace_.query("baton.db", "SELECT JOB_INSTANCE_ID, STATUS FROM BATCH_JOB_EXECUTION"),
            "1|FAILED\n1|COMPLETED");
}

TEST_F(RunOnce, ASecondRunOfTheJobGivesUpAfterItsWaitAndNamesTheHolder) {
  make_gate("gate");
  workspace_.write("baton.yaml", "locks: { refresh: 50ms }\njobs:\n" + command_job("slow", "cat gate"));
  Program first(workspace_.request({"run", "--once", "slow"}));
  const int gate = reach_gate("gate");
  const ProgramEnd second = run({"run", "--once", "slow", "--wait", "100ms"});
  EXPECT_EQ(second.exit_code, 75);
  const auto status = nlohmann::json::parse(run({"status", "--json"}).output);
  const std::string holder = status[0]["owner"];
  EXPECT_THAT(second.errors, AllOf(HasSubstr(holder), HasSubstr("100ms")));
  EXPECT_THAT(second.output, HasSubstr("slow: not run"));
  close(gate);
  EXPECT_EQ(first.wait().exit_code, 0);
}

TEST_F(RunOnce, ASecondRunOfTheJobWaitsForTheFirst) {
  make_gate("gate");
  workspace_.write("baton.yaml",
                   "locks: { refresh: 50ms }\njobs:\n" + command_job("slow", "[ -e done ] || cat gate; touch done"));
  Program first(workspace_.request({"run", "--once", "slow"}));
  const int gate = reach_gate("gate");
  Program second(workspace_.request({"run", "--once", "slow"}));
  EXPECT_TRUE(second.await_error_text("holds it")) << "it says what it waits for";
  close(gate);
  EXPECT_EQ(first.wait().exit_code, 0);
  EXPECT_EQ(second.wait().exit_code, 0);
  EXPECT_EQ(workspace_.query("baton.db", "SELECT JOB_INSTANCE_ID, STATUS FROM BATCH_JOB_EXECUTION"),
            "1|COMPLETED\n2|COMPLETED");
}

TEST_F(RunOnce, LogLinesAreJsonWhereAskedFor) {
  configure({.step = "skip: { limit: 1 }", .top = "log: { format: json, level: debug }"});
  workspace_.write("prices.csv", prices(3) + "\x1b[31m\n");
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 0);
  std::istringstream lines(end.errors);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto entry = nlohmann::json::parse(line);
    EXPECT_TRUE(entry.contains("time") && entry.contains("level") && entry.contains("message")) << line;
  }
  EXPECT_GT(count, 1);
}

TEST_F(RunOnce, WhatACommandPrintsIsInTheLogLineByLine) {
  const std::string job = command_job("talk", "printf \"one\\ttwo\\n\\033[31m\\n\"; echo three >&2");
  workspace_.write("baton.yaml", "log: { format: json }\njobs:\n" + job);
  std::istringstream lines(run({"run", "--once", "talk"}).errors);
  std::vector<std::string> printed;
  for (std::string line; std::getline(lines, line);) {
    const auto entry = nlohmann::json::parse(line, nullptr, false);
    ASSERT_TRUE(entry.is_object()) << line;
    const auto message = entry["message"].get<std::string>();
    if (message.starts_with("talk/work: ")) printed.push_back(entry["level"].get<std::string>() + " " + message);
  }
  EXPECT_THAT(printed,
              testing::ElementsAre("info talk/work: one two", "info talk/work: \\x1b[31m", "info talk/work: three"));
  workspace_.write("baton.yaml", "jobs:\n" + job);
  EXPECT_THAT(run({"run", "--once", "talk"}).errors, ContainsRegex("Z info +talk/work: one two\n"));
}

TEST_F(RunOnce, MayOpenAsManyFilesAsTheSystemAllowsAndItsCommandsAsManyAsItWasGiven) {
  workspace_.write("baton.yaml",
                   "jobs:\n" + command_job("limits", "ulimit -Sn; grep Max.open.files /proc/$PPID/limits"));
  ProgramRequest request = workspace_.request({"run", "--once", "limits"});
  request.argv.insert(request.argv.begin(), {"/bin/sh", "-c", "ulimit -Sn 100; ulimit -Hn 500; exec \"$0\" \"$@\""});
  const ProgramEnd end = run_to_end(request);
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_THAT(end.errors, HasSubstr("limits/work: 100\n"));
  EXPECT_THAT(end.errors, ContainsRegex("Max open files +500 +500"));
}

bool has_control_characters(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return (c < ' ' && c != '\n') || c == 0x7f; });
}

TEST_F(RunOnce, NoControlCharactersLeaveItWhereThereIsNoTerminal) {
  configure();
  workspace_.write("prices.csv", prices(3) + "4,\x1b[31mred\r\n");
  ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 1);
  EXPECT_THAT(end.errors, HasSubstr("[31mred"));
  EXPECT_FALSE(has_control_characters(end.output + end.errors)) << end.errors;
  end = run({"history"});
  EXPECT_FALSE(has_control_characters(end.output + end.errors)) << end.output;
}

TEST_F(RunOnce, ALineThatMovesIsShownOnATerminal) {
  configure({.step = "chunk: 100"});
  workspace_.write("prices.csv", prices(1'000));
  ProgramRequest request = workspace_.request({"run", "--once", "prices"});
  request.on_terminal = true;
  const ProgramEnd end = run_to_end(request);
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_THAT(end.errors, ContainsRegex("\r\x1b\\[Kprices/load [0-9]+ rows [0-9]+ rows/s [0-9.]+ MB [0-9]+ %"));
  EXPECT_THAT(end.errors, testing::EndsWith(" rows/s\r\n"));
}

}  // namespace
}  // namespace baton

// The command step: a child process (P14).
#include "runtime/command_step.h"

#include "runtime/system_clock.h"
#include "tests/doubles/memory_repository.h"
#include "tests/doubles/scripted_lease.h"
#include "tests/doubles/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

namespace baton {
namespace {

using testing::HasSubstr;
using testing::Not;

class PrintedLines final : public RunListener {
 public:
  void printed(const std::string& step, const std::string& line) override { lines.push_back(step + "|" + line); }

  std::vector<std::string> lines;
};

class CommandStepRun : public testing::Test {
 protected:
  CommandStepRun() { plan_.name = "call"; }

  void shell(const std::string& text) { plan_.argv = {"sh", "-c", text}; }
  Result<StepEnd> run(std::stop_token stop = {}) {
    const Ownership ownership{"repository-1", "job", "host-1", {{"memory:repository", 7}}, {&lease_, &clock_}};
    const std::string job = "job";
    StepExecution row;
    row.name = "call";
    StepContext context{job, 3, 5, row, 0, ownership, identity_, executions_, clock_, stop, listener_};
    return make_command_step(plan_)->run(context);
  }
  static std::string content(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  // A pipe that the command opens for writing as soon as it is ready: reading its line waits for that.
  std::string ready_pipe() {
    const std::string path = folder_.file("ready");
    EXPECT_EQ(mkfifo(path.c_str(), 0600), 0);
    return path;
  }
  // Runs the command, and asks for a stop once it has written a line to the pipe; that line.
  std::string stopped_when_ready(const std::string& pipe, Result<StepEnd>& end) {
    std::stop_source stop;
    std::jthread running([&] { end = run(stop.get_token()); });
    std::ifstream file(pipe);
    std::string line;
    std::getline(file, line);
    stop.request_stop();
    return line;
  }
  static bool alive(const std::string& pid) {
    // A killed grandchild may be a zombie that nobody has collected yet.
    std::ifstream file("/proc/" + pid + "/stat");
    std::string text;
    std::getline(file, text);
    return file && text.find(") Z ") == std::string::npos && text.find(") X ") == std::string::npos;
  }

  TemporaryFolder folder_;
  SystemClock clock_;
  ScriptedLease lease_{Instant::max()};
  MemoryStore store_{"memory:repository"};
  MemoryExecutions executions_{store_, clock_};
  const std::string identity_ = "memory:repository";
  PrintedLines listener_;
  CommandPlan plan_;
};

TEST_F(CommandStepRun, ExitCodeZeroIsCompleted) {
  shell("exit 0");
  EXPECT_EQ(run(), StepEnd::completed);
}

TEST_F(CommandStepRun, ProgramWithoutASlashIsLookedUpInThePath) {
  plan_.argv = {"true"};
  EXPECT_EQ(run(), StepEnd::completed);
}

TEST_F(CommandStepRun, OtherExitCodeFailsWithItAndWithWhatWasPrinted) {
  shell("echo to stdout; echo to stderr >&2; exit 3");
  const auto end = run();
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, ErrorKind::invalid);
  EXPECT_THAT(end.error().message, HasSubstr("\"call\""));
  EXPECT_THAT(end.error().message, HasSubstr("exit code 3"));
  EXPECT_THAT(end.error().message, HasSubstr("to stdout\nto stderr"));
}

TEST_F(CommandStepRun, SignalIsNamed) {
  shell("kill -SEGV $$");
  EXPECT_THAT(run().error().message, HasSubstr("signal 11"));
}

TEST_F(CommandStepRun, WhatIsPrintedIsHeardByTheListenerLineByLine) {
  shell("echo one; echo two >&2; printf 'rest\\033[31m\\377'");
  EXPECT_EQ(run(), StepEnd::completed);
  EXPECT_THAT(listener_.lines, testing::ElementsAre("call|one", "call|two", "call|rest\\x1b[31m\\xff"));
}

TEST_F(CommandStepRun, FailureKeepsValidText) {
  shell("printf 'x'; i=0; while [ $i -lt 250 ]; do printf 'üüüüüüü'; i=$((i+1)); done; printf '\\033\\377'; exit 1");
  const std::string message = run().error().message;
  EXPECT_THAT(message, HasSubstr("printed:\nü"));
  EXPECT_THAT(message, Not(HasSubstr("\033")));
}

TEST_F(CommandStepRun, OnlyTheEndOfALongOutputIsKept) {
  shell("echo beginning; i=0; while [ $i -lt 500 ]; do echo 0123456789; i=$((i+1)); done; echo end; exit 1");
  const std::string message = run().error().message;
  EXPECT_THAT(message, HasSubstr("end"));
  EXPECT_THAT(message, Not(HasSubstr("beginning")));
  EXPECT_LT(message.size(), 2'200U);
}

TEST_F(CommandStepRun, P14EnvironmentTellsJobInstanceStepFenceAndKey) {
  const std::string file = folder_.file("environment");
  plan_.environment = {{"OUT", file}, {"PATH", "/usr/bin:/bin"}};
  shell("echo $BATON_JOB $BATON_INSTANCE $BATON_STEP $BATON_FENCE $BATON_IDEMPOTENCY_KEY $PATH > $OUT");
  EXPECT_EQ(run(), StepEnd::completed);
  EXPECT_EQ(content(file), "job 3 call 7 job/3/call/0 /usr/bin:/bin\n");
}

TEST_F(CommandStepRun, MissingProgramIsInvalidAndNamed) {
  plan_.argv = {"/nowhere/baton-test-program"};
  const auto end = run();
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, ErrorKind::invalid);
  EXPECT_THAT(end.error().message, HasSubstr("/nowhere/baton-test-program"));
  EXPECT_THAT(end.error().message, HasSubstr("No such file"));
}

TEST_F(CommandStepRun, OutputThatIsClosedEarlyIsNoEnd) {
  const std::string file = folder_.file("done");
  shell("exec >&- 2>&-; echo yes > " + file);
  EXPECT_EQ(run(), StepEnd::completed);
  EXPECT_EQ(content(file), "yes\n");
}

TEST_F(CommandStepRun, GrandchildThatHoldsTheOutputDoesNotKeepTheStep) {
  const std::string pipe = ready_pipe();
  shell("sleep 1000 & echo $! > " + folder_.file("pid") + "; exit 0");
  EXPECT_EQ(run(), StepEnd::completed);
  const std::string pid = content(folder_.file("pid"));
  EXPECT_EQ(kill(std::stoi(pid), SIGKILL), 0) << "it was left running";
}

TEST_F(CommandStepRun, StopBeforeItBeginsRunsNothing) {
  std::stop_source stop;
  stop.request_stop();
  const std::string file = folder_.file("ran");
  shell("echo yes > " + file);
  EXPECT_EQ(run(stop.get_token()), StepEnd::stopped);
  EXPECT_EQ(content(file), "");
}

TEST_F(CommandStepRun, P22StopSendsSigterm) {
  const std::string pipe = ready_pipe(), file = folder_.file("caught");
  shell("trap 'echo term > " + file + "; exit 1' TERM; echo ready > " + pipe + "; while true; do sleep 0.05; done");
  Result<StepEnd> end = StepEnd::completed;
  stopped_when_ready(pipe, end);
  EXPECT_EQ(end, StepEnd::stopped);
  EXPECT_EQ(content(file), "term\n");
}

TEST_F(CommandStepRun, P22CommandThatExitsWithZeroWhenToldToEndIsStopped) {
  const std::string pipe = ready_pipe();
  shell("trap 'exit 0' TERM; echo ready > " + pipe + "; while true; do sleep 0.05; done");
  Result<StepEnd> end = StepEnd::completed;
  stopped_when_ready(pipe, end);
  EXPECT_EQ(end, StepEnd::stopped);
}

TEST_F(CommandStepRun, P22CommandThatIgnoresSigtermIsKilledAfterTheGrace) {
  const std::string pipe = ready_pipe();
  plan_.grace = Duration(50);
  shell("trap '' TERM; echo ready > " + pipe + "; while true; do sleep 0.05; done");
  Result<StepEnd> end = StepEnd::completed;
  stopped_when_ready(pipe, end);
  EXPECT_EQ(end, StepEnd::stopped);
}

TEST_F(CommandStepRun, P14WholeGroupEndsWithAStop) {
  const std::string pipe = ready_pipe();
  // The grandchild ignores SIGTERM, and its parent dies of it at once.
  shell("sh -c 'trap \"\" TERM; echo $$ > " + pipe + "; while true; do sleep 0.05; done' & wait");
  Result<StepEnd> end = StepEnd::completed;
  const std::string grandchild = stopped_when_ready(pipe, end);
  EXPECT_EQ(end, StepEnd::stopped);
  EXPECT_FALSE(grandchild.empty());
  while (alive(grandchild)) std::this_thread::yield();  // the kill was sent; the test's time limit is the bound
}

TEST_F(CommandStepRun, P3LostTrustEndsTheCommand) {
  const std::string pipe = ready_pipe();
  shell("echo ready > " + pipe + "; while true; do sleep 0.05; done");
  Result<StepEnd> end = StepEnd::completed;
  std::jthread running([&] { end = run(); });
  std::ifstream file(pipe);
  std::string line;
  std::getline(file, line);
  lease_.trust_until(clock_.now());
  running.join();
  EXPECT_EQ(end, StepEnd::stopped);
}

}  // namespace
}  // namespace baton

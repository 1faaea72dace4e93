// A child process in a group of its own that dies with its parent (P14).
#include "runtime/child_process.h"

#include "tests/doubles/temporary_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <fstream>
#include <thread>

namespace baton {
namespace {

std::string all_output(ChildProcess& child) {
  std::string text;
  while (!child.wait(10'000, [&](const std::string& part) { text += part; })) {
  }
  return text;
}

TEST(ChildProcess, OutputIsReadToItsEnd) {
  auto child = ChildProcess::start({"sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x"}, {});
  ASSERT_TRUE(child) << child.error().message;
  EXPECT_EQ(all_output(*child), std::string(300'000, 'x'));
  EXPECT_EQ(child->failure(), "");
}

TEST(ChildProcess, ItLeadsAGroupOfItsOwn) {
  auto child = ChildProcess::start({"sh", "-c", "echo $$; cut -d' ' -f5 /proc/$$/stat"}, {});
  const std::string text = all_output(*child);
  const auto half = text.find('\n');
  EXPECT_EQ(text, text.substr(0, half + 1) + text.substr(0, half + 1));
}

TEST(ChildProcess, WaitAfterTheEndIsTrueAtOnce) {
  auto child = ChildProcess::start({"true"}, {});
  all_output(*child);
  EXPECT_TRUE(child->wait(10'000, [](const std::string&) {}));
}

TEST(ChildProcess, VariableOfTheParentIsReplaced) {
  auto child = ChildProcess::start({"sh", "-c", "env | grep -c '^PATH='; echo $PATH"}, {{"PATH", "/bin:/usr/bin"}});
  EXPECT_EQ(all_output(*child), "1\n/bin:/usr/bin\n");
}

TEST(ChildProcess, DestructionKillsIt) {
  const TemporaryFolder folder;
  const std::string pipe = folder.file("ready");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::string pid;
  {
    auto child =
        ChildProcess::start({"sh", "-c", "trap '' TERM; echo $$ > " + pipe + "; while true; do sleep 0.05; done"}, {});
    ASSERT_TRUE(child);
    std::ifstream file(pipe);
    std::getline(file, pid);
  }
  EXPECT_EQ(kill(std::stoi(pid), 0), -1) << "killed and collected";
}

TEST(ChildProcess, P14ItDiesWithItsParent) {
  const TemporaryFolder folder;
  const std::string pipe = folder.file("ready");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    const auto child = ChildProcess::start({"sh", "-c", "echo $$ > " + pipe + "; exec sleep 1000"}, {});
    pause();
    _exit(0);
  }
  std::string pid;
  {
    std::ifstream file(pipe);
    std::getline(file, pid);
  }
  ASSERT_FALSE(pid.empty());
  ASSERT_EQ(kill(parent, SIGKILL), 0);
  ASSERT_EQ(waitpid(parent, nullptr, 0), parent);
  const auto runs = [&] {
    std::ifstream file("/proc/" + pid + "/stat");
    std::string text;
    return std::getline(file, text) && text.find(") Z ") == std::string::npos;
  };
  while (runs()) std::this_thread::yield();  // the test's time limit is the bound
}

}  // namespace
}  // namespace baton

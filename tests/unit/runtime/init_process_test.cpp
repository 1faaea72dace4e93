// Pid 1 of a namespace of its own. Skipped where this process may not make one.
#include "runtime/init_process.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace baton {
namespace {

constexpr int no_namespace = 99;

// The exit code of run_below_init(program) as pid 1; `meanwhile` is given its pid as seen from here.
int as_first(const std::function<int()>& program, const std::function<void(pid_t)>& meanwhile = {}) {
  std::array<int, 2> pids{};
  if (pipe(pids.data()) != 0) return -1;
  const pid_t maker = fork();
  if (maker == 0) {
    const int user = geteuid() == 0 ? 0 : CLONE_NEWUSER;
    if (unshare(CLONE_NEWPID | user) != 0) _exit(no_namespace);
    const pid_t first = fork();
    if (first == 0) _exit(run_below_init(program));
    [[maybe_unused]] const ssize_t told = write(pids[1], &first, sizeof first);
    int status = 0;
    while (waitpid(first, &status, 0) < 0 && errno == EINTR) {
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 255);
  }
  close(pids[1]);
  pid_t first = 0;
  if (read(pids[0], &first, sizeof first) == sizeof first && meanwhile) meanwhile(first);
  close(pids[0]);
  int status = 0;
  waitpid(maker, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class InitProcess : public testing::Test {
 protected:
  void SetUp() override {
    if (as_first([] { return 0; }) == no_namespace) GTEST_SKIP() << "pid namespaces are not allowed here";
  }
};

TEST_F(InitProcess, NotTheFirstThenTheProgramItself) {
  const pid_t here = getpid();
  EXPECT_EQ(run_below_init([&] { return getpid() == here ? 7 : 8; }), 7);
}

TEST_F(InitProcess, TheProgramEndsThenItsExitCode) {
  EXPECT_EQ(as_first([] { return getpid() == 1 ? 1 : 42; }), 42);
}

TEST_F(InitProcess, TheProgramIsKilledThen128AndTheSignal) {
  EXPECT_EQ(as_first([] { return std::raise(SIGKILL); }), 128 + SIGKILL);
}

// For pid 1 itself the kernel would drop the signal: it has no default action there.
TEST_F(InitProcess, SignalledThenTheProgramIs) {
  std::array<int, 2> ready{};
  ASSERT_EQ(pipe(ready.data()), 0);
  const auto waits = [&] {
    [[maybe_unused]] const ssize_t told = write(ready[1], "x", 1);
    while (true) pause();
    return 0;
  };
  const auto terminate = [&](pid_t first) {
    char byte = 0;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    kill(first, SIGTERM);
  };
  EXPECT_EQ(as_first(waits, terminate), 128 + SIGTERM);
  close(ready[0]);
  close(ready[1]);
}

TEST_F(InitProcess, AnOrphanEndsThenItIsReaped) {
  const auto leaves_an_orphan = [] {
    std::array<int, 2> orphans{};
    if (pipe(orphans.data()) != 0) return 1;
    const pid_t parent = fork();
    if (parent == 0) {
      const pid_t orphan = fork();
      if (orphan == 0) _exit(0);
      _exit(write(orphans[1], &orphan, sizeof orphan) == sizeof orphan ? 0 : 1);
    }
    waitpid(parent, nullptr, 0);
    pid_t orphan = 0;
    if (read(orphans[0], &orphan, sizeof orphan) != sizeof orphan) return 2;
    alarm(30);  // the signal that ends this program if it is never reaped
    while (kill(orphan, 0) == 0) sched_yield();
    return errno == ESRCH ? 0 : 3;
  };
  EXPECT_EQ(as_first(leaves_an_orphan), 0);
}

}  // namespace
}  // namespace baton

#include "runtime/init_process.h"

#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace baton {
namespace {

constexpr int signal_base = 128;  // of the exit codes that shells give
constexpr int cannot_run = 71;    // EX_OSERR

int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : signal_base + WTERMSIG(status); }

// Reaps all that has ended; the program's exit code once it is among them.
bool reap(pid_t program, int& code) {
  bool ended = false;
  int status = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid != program) continue;
    code = exit_code(status);
    ended = true;
  }
  return ended;
}

int wait_for(pid_t program, const sigset_t& signals) {
  int code = 0;
  while (!reap(program, code)) {
    siginfo_t info{};
    const int signal = sigwaitinfo(&signals, &info);
    // What a terminal sends goes to its whole foreground group, and has reached the program by itself.
    const bool from_terminal = info.si_code == SI_KERNEL;
    if (signal > 0 && signal != SIGCHLD && !from_terminal) kill(program, signal);
  }
  return code;
}

}  // namespace

int run_below_init(const std::function<int()>& program) {
  if (getpid() != 1) return program();
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  const pid_t child = fork();
  if (child < 0) {
    std::perror("baton: fork");
    return cannot_run;
  }
  if (child == 0) {
    sigprocmask(SIG_SETMASK, &before, nullptr);
    return program();
  }
  return wait_for(child, all);
}

}  // namespace baton

#include "tests/process/process_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

extern char** environ;

namespace baton {
namespace {

[[noreturn]] void give_up(const std::string& what, int error) {
  fmt::print(stderr, "{}: {}\n", what, std::strerror(error));
  std::abort();
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

}  // namespace

std::string ProcessEnd::text() const {
  return signal != 0 ? fmt::format("signal {}", signal) : fmt::format("exit code {}", exit_code);
}

ProcessRun::ProcessRun(const std::vector<std::string>& argv,
                       const std::vector<std::pair<std::string, std::string>>& environment, const std::string& log) {
  std::vector<std::string> arguments = argv;
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text(*variable);
    const auto same = [&](const auto& own) { return text.starts_with(own.first + "="); };
    if (std::none_of(environment.begin(), environment.end(), same)) variables.push_back(text);
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  const int error = posix_spawn(&pid_, arguments.front().c_str(), &actions, nullptr, pointers(arguments).data(),
                                pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) give_up(arguments.front(), error);
  ended_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (ended_ < 0) give_up("pidfd_open", errno);
}

ProcessRun::~ProcessRun() {
  if (!end_) wait_or_kill(std::chrono::microseconds(0));
  close(ended_);
}

std::optional<ProcessEnd> ProcessRun::wait(std::chrono::microseconds limit) {
  if (end_) return end_;
  const auto until = std::chrono::steady_clock::now() + limit;
  pollfd events{ended_, POLLIN, 0};
  while (true) {
    const auto left =
        std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(until - std::chrono::steady_clock::now()));
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec timeout{seconds.count(), (left - seconds).count()};
    const int ready = ppoll(&events, 1, &timeout, nullptr);
    if (ready == 0) return std::nullopt;
    if (ready > 0) break;
    if (errno != EINTR) give_up("ppoll", errno);
  }
  int status = 0;
  if (waitpid(pid_, &status, 0) != pid_) give_up("waitpid", errno);
  end_ = WIFSIGNALED(status) ? ProcessEnd{-1, WTERMSIG(status)} : ProcessEnd{WEXITSTATUS(status), 0};
  return end_;
}

ProcessEnd ProcessRun::wait_or_kill(std::chrono::microseconds limit) {
  if (const auto end = wait(limit)) return *end;
  kill(pid_, SIGKILL);  // not reaped yet, so the id is still its own
  return wait(std::chrono::minutes(5)).value();
}

}  // namespace baton

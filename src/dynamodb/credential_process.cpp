#include "dynamodb/credentials_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace baton {
namespace {

constexpr std::size_t most_bytes = 64 * 1024;

std::vector<std::string> words_of(const std::string& command) {
  std::vector<std::string> words;
  char quote = '\0';
  bool inside = false;
  for (std::size_t i = 0; i < command.size(); ++i) {
    char c = command[i];
    if (quote == '\0' && (c == ' ' || c == '\t')) {
      inside = false;
      continue;
    }
    if (!std::exchange(inside, true)) words.emplace_back();
    if (quote == '\0' ? (c == '"' || c == '\'') : c == quote) {
      quote = quote == '\0' ? c : '\0';
      continue;
    }
    if (c == '\\' && quote != '\'' && i + 1 < command.size()) c = command[++i];
    words.back() += c;
  }
  return words;
}

class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(ends_[0]);
    close_writing();
  }

  int reading() const { return ends_[0]; }
  int writing() const { return ends_[1]; }
  void close_writing() {
    if (ends_[1] >= 0) close(std::exchange(ends_[1], -1));
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

Result<pid_t> started(std::vector<std::string>& words, int output) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t child = -1;
  const int error = posix_spawnp(&child, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error == 0) return child;
  return fail(ErrorKind::invalid, fmt::format("credential_process: cannot start {}: {}", words[0], strerror(error)));
}

// Until the other end is closed; false where time ran out or there is too much.
bool read_all(int from, std::string& into, const Clock& clock, Instant until) {
  std::array<char, 4096> bytes{};
  while (into.size() <= most_bytes) {
    const auto left = std::chrono::ceil<Duration>(until - clock.now()).count();
    if (left <= 0) return false;
    pollfd ready{from, POLLIN, 0};
    if (poll(&ready, 1, static_cast<int>(std::min<Duration::rep>(left, 60'000))) <= 0) continue;
    const ssize_t count = ::read(from, bytes.data(), bytes.size());
    if (count == 0) return true;
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) into.append(bytes.data(), static_cast<std::size_t>(count));
  }
  return false;
}

// True once the child has ended, which its output's end does not promise.
bool ended(pid_t child, const Clock& clock, Instant until) {
  const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  const auto left = std::chrono::ceil<Duration>(until - clock.now()).count();
  pollfd ready{descriptor, POLLIN, 0};
  const bool has_ended = poll(&ready, 1, static_cast<int>(std::clamp<Duration::rep>(left, 0, 60'000))) > 0;
  close(descriptor);
  return has_ended;
}

}  // namespace

Result<std::string> output_of_command(const std::string& command, const Clock& clock, Instant until) {
  std::vector<std::string> words = words_of(command);
  if (words.empty()) return fail(ErrorKind::invalid, "credential_process: it names no program");
  Pipe output;
  BATON_TRY(const pid_t child, started(words, output.writing()));
  output.close_writing();
  std::string text;
  const bool whole = read_all(output.reading(), text, clock, until) && ended(child, clock, until);
  if (!whole) kill(-child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!whole) return fail(ErrorKind::retry, fmt::format("credential_process: {} did not end in time", words[0]));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
  return fail(ErrorKind::retry,
              fmt::format("credential_process: {} failed ({} {})", words[0], WIFEXITED(status) ? "exit code" : "signal",
                          WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status)));
}

}  // namespace baton

#include "runtime/child_process.h"

#include "runtime/command_groups.h"
#include "runtime/open_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

extern char** environ;

namespace baton {
namespace {

// Everything that the child needs is made before fork: in it only async-signal-safe calls are allowed.
struct Image {
  std::vector<std::string> texts;
  std::vector<char*> argv;
  std::vector<char*> environment;
};

Image make_image(const std::vector<std::string>& argv,
                 const std::vector<std::pair<std::string, std::string>>& environment) {
  Image image;
  image.texts = argv;
  const auto overridden = [&](std::string_view entry) {
    for (const auto& [name, value] : environment) {
      if (entry.starts_with(name) && entry.substr(name.size()).starts_with('=')) return true;
    }
    return false;
  };
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!overridden(*entry)) image.texts.emplace_back(*entry);
  }
  for (const auto& [name, value] : environment) image.texts.push_back(name + "=" + value);
  for (std::size_t i = 0; i < image.texts.size(); ++i) {
    (i < argv.size() ? image.argv : image.environment).push_back(image.texts[i].data());
  }
  image.argv.push_back(nullptr);
  image.environment.push_back(nullptr);
  return image;
}

// A file in memory with `text`, at its beginning; /dev/null where there is none. Negative: errno says why not.
int open_input(const std::string& text) {
  if (text.empty()) return open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int file = memfd_create("baton-input", MFD_CLOEXEC);
  if (file < 0) return file;
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = write(file, text.data() + done, text.size() - done);
    if (wrote < 0) {
      close(file);
      return -1;
    }
    done += static_cast<std::size_t>(wrote);
  }
  lseek(file, 0, SEEK_SET);
  return file;
}

[[noreturn]] void become(const Image& image, pid_t parent, int input, int output, int report) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // the parent died before the signal was armed
  if (input >= 0) dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  restore_open_files_limit();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvpe(image.argv[0], image.argv.data(), image.environment.data());
  const int error = errno;
  [[maybe_unused]] const ssize_t told = write(report, &error, sizeof error);
  _exit(127);
}

void collect(pid_t child, int* status) {
  forget_command_group(child);
  waitpid(child, status, 0);
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& argv,
                                         const std::vector<std::pair<std::string, std::string>>& environment,
                                         const std::string& input) {
  const Image image = make_image(argv, environment);
  std::array<int, 2> output{}, report{};
  if (pipe2(output.data(), O_CLOEXEC) != 0)
    return fail(ErrorKind::retry, fmt::format("pipe: {}", std::strerror(errno)));
  if (pipe2(report.data(), O_CLOEXEC) != 0) {
    close(output[0]);
    close(output[1]);
    return fail(ErrorKind::retry, fmt::format("pipe: {}", std::strerror(errno)));
  }
  const int read_by_child = open_input(input);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) become(image, parent, read_by_child, output[1], report[1]);
  const int fork_error = errno;
  if (pid > 0) {
    setpgid(pid, pid);
    note_command_group(pid);
  }
  if (read_by_child >= 0) close(read_by_child);
  close(output[1]);
  close(report[1]);
  int exec_error = 0;
  const bool failed = pid > 0 && read(report[0], &exec_error, sizeof exec_error) == sizeof exec_error;
  close(report[0]);
  if (pid < 0 || failed) {
    close(output[0]);
    if (pid > 0) collect(pid, nullptr);
    if (pid < 0) return fail(ErrorKind::retry, fmt::format("{}: fork: {}", argv[0], std::strerror(fork_error)));
    return fail(ErrorKind::invalid,
                fmt::format("{}: {}: check the command's argv", argv[0], std::strerror(exec_error)));
  }
  const int ended = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  return ChildProcess(pid, output[0], ended);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      ended_(std::exchange(other.ended_, -1)),
      status_(other.status_),
      reaped_(other.reaped_),
      ending_(other.ending_) {}

ChildProcess::~ChildProcess() {
  if (pid_ > 0 && !reaped_) {
    kill();
    collect(pid_, nullptr);
  }
  if (output_ >= 0) close(output_);
  if (ended_ >= 0) close(ended_);
}

bool ChildProcess::wait(int timeout_ms, const std::function<void(const std::string&)>& output) {
  if (reaped_) return true;
  std::array<pollfd, 2> watched{{{output_, POLLIN, 0}, {ended_, POLLIN, 0}}};
  if (poll(watched.data(), watched.size(), timeout_ms) <= 0) return false;
  if (watched[0].revents != 0) {
    std::array<char, 4096> buffer{};
    const ssize_t size = read(output_, buffer.data(), buffer.size());
    if (size > 0) output(std::string(buffer.data(), static_cast<std::size_t>(size)));
    if (size == 0) {  // closed by the child; what is left is its end
      close(output_);
      output_ = -1;
    }
    return false;
  }
  // Nothing more was printed. A grandchild may hold the pipe still: what counts is the child.
  if (ending_) kill();  // before the child is reaped its group's number cannot be another's
  collect(pid_, &status_);
  reaped_ = true;
  return true;
}

void ChildProcess::terminate() {
  ending_ = true;
  if (pid_ > 0 && !reaped_) ::kill(-pid_, SIGTERM);
}

void ChildProcess::kill() {
  ending_ = true;
  if (pid_ > 0 && !reaped_) ::kill(-pid_, SIGKILL);
}

std::string ChildProcess::failure() const {
  if (WIFSIGNALED(status_)) return fmt::format("signal {} ({})", WTERMSIG(status_), strsignal(WTERMSIG(status_)));
  if (WEXITSTATUS(status_) != 0) return fmt::format("exit code {}", WEXITSTATUS(status_));
  return {};
}

}  // namespace baton

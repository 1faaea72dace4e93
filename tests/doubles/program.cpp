#include "tests/doubles/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <poll.h>
#include <pty.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>

extern char** environ;

namespace baton {
namespace {

constexpr int patience_ms = 120'000;

// Everything that the child needs is made before fork: in it only async-signal-safe calls are allowed.
struct Image {
  std::vector<std::string> texts;
  std::vector<char*> argv, environment;

  explicit Image(const ProgramRequest& request) : texts(request.argv) {
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string_view text(*entry);
      bool replaced = false;
      for (const auto& [name, value] : request.environment) replaced = replaced || text.starts_with(name + "=");
      if (!replaced) texts.emplace_back(text);
    }
    for (const auto& [name, value] : request.environment) texts.push_back(name + "=" + value);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      (i < request.argv.size() ? argv : environment).push_back(texts[i].data());
    }
    argv.push_back(nullptr);
    environment.push_back(nullptr);
  }
};

struct Streams {
  std::array<int, 2> output{-1, -1}, errors{-1, -1};
};

Streams open_streams(bool terminal) {
  Streams streams;
  if (terminal) {
    const winsize size{24, 100, 0, 0};
    if (openpty(&streams.errors[0], &streams.errors[1], nullptr, nullptr, &size) != 0) std::abort();
    fcntl(streams.errors[0], F_SETFD, FD_CLOEXEC);
    fcntl(streams.errors[1], F_SETFD, FD_CLOEXEC);
  } else if (pipe2(streams.output.data(), O_CLOEXEC) != 0 || pipe2(streams.errors.data(), O_CLOEXEC) != 0) {
    std::abort();
  }
  return streams;
}

void limit_child(const ProgramRequest& request) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (request.largest_file_bytes) {
    const rlimit limit{*request.largest_file_bytes, *request.largest_file_bytes};
    setrlimit(RLIMIT_FSIZE, &limit);
    ::signal(SIGXFSZ, SIG_IGN);
  }
  // Root without these capabilities meets file modes as everybody else does.
  if (request.obeys_file_modes) {
    prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
    prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH, 0, 0, 0);
  }
}

// `program` is the open file of argv[0], whose folder the child may not be allowed to look into; or -1.
[[noreturn]] void become(const ProgramRequest& request, const Image& image, const Streams& streams, int program) {
  limit_child(request);
  if (request.on_terminal) {
    setsid();
    ioctl(streams.errors[1], TIOCSCTTY, 0);
  }
  dup2(request.on_terminal ? streams.errors[1] : streams.output[1], STDOUT_FILENO);
  dup2(streams.errors[1], STDERR_FILENO);
  if (!request.folder.empty() && chdir(request.folder.c_str()) != 0) _exit(126);
  if (program >= 0) fexecve(program, image.argv.data(), image.environment.data());
  execvpe(image.argv[0], image.argv.data(), image.environment.data());
  _exit(127);
}

}  // namespace

Program::Program(const ProgramRequest& request) : enough_(eventfd(0, EFD_CLOEXEC)) {
  const Image image(request);
  const Streams streams = open_streams(request.on_terminal);
  const int program = request.obeys_file_modes ? open(request.argv[0].c_str(), O_PATH | O_CLOEXEC) : -1;
  process_ = fork();
  if (process_ == 0) become(request, image, streams, program);
  if (program >= 0) close(program);
  if (process_ < 0) std::abort();
  ended_ = static_cast<int>(syscall(SYS_pidfd_open, process_, 0));
  close(streams.errors[1]);
  if (streams.output[1] >= 0) close(streams.output[1]);
  collector_ = std::jthread([this, streams] { collect(streams.output[0], streams.errors[0]); });
}

Program::~Program() {
  if (!reaped_) {
    signal(SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t told = write(enough_, &one, sizeof one);
  if (collector_.joinable()) collector_.join();
  if (testing::Test::HasFailure()) std::fprintf(stderr, "process %d said:\n%s\n", process_, end_.errors.c_str());
  close(ended_);
  close(enough_);
}

void Program::signal(int number) const {
  if (!reaped_) syscall(SYS_pidfd_send_signal, ended_, number, nullptr, 0);
}

// A grandchild may keep the pipes open: what counts is the child, after whose end only what is there is read.
void Program::collect(int output, int errors) {
  std::array<pollfd, 3> watched{{{output, POLLIN, 0}, {errors, POLLIN, 0}, {enough_, POLLIN, 0}}};
  while (watched[0].fd >= 0 || watched[1].fd >= 0) {
    if (poll(watched.data(), watched.size(), -1) < 0) continue;
    const bool enough = watched[2].revents != 0;
    bool any = false;
    for (std::size_t i = 0; i < 2; ++i) {
      if (watched[i].fd < 0 || watched[i].revents == 0) continue;
      any = true;
      std::array<char, 4096> buffer{};
      const ssize_t size = read(watched[i].fd, buffer.data(), buffer.size());
      if (size <= 0) {  // a terminal says EIO when nobody writes to it any more
        close(std::exchange(watched[i].fd, -1));
        continue;
      }
      const std::scoped_lock lock(mutex_);
      (i == 0 ? end_.output : end_.errors).append(buffer.data(), static_cast<std::size_t>(size));
      changed_.notify_all();
    }
    if (enough && !any) break;
  }
  for (std::size_t i = 0; i < 2; ++i) {
    if (watched[i].fd >= 0) close(watched[i].fd);
  }
  const std::scoped_lock lock(mutex_);
  collected_ = true;
  changed_.notify_all();
}

std::string Program::errors_so_far() {
  const std::scoped_lock lock(mutex_);
  return end_.errors;
}

bool Program::await_error_text(const std::string& text, int times) {
  const auto holds = [&] {
    int found = 0;
    for (auto at = end_.errors.find(text); at != std::string::npos; at = end_.errors.find(text, at + text.size())) {
      ++found;
    }
    return found >= times;
  };
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(patience_ms), [&] { return collected_ || holds(); });
  return holds();
}

ProgramEnd Program::wait() {
  pollfd watched{ended_, POLLIN, 0};
  if (poll(&watched, 1, patience_ms) <= 0) {
    ADD_FAILURE() << "the program did not end";
    signal(SIGKILL);
  }
  int status = 0;
  waitpid(process_, &status, 0);
  reaped_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t told = write(enough_, &one, sizeof one);
  collector_.join();
  end_.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return end_;
}

ProgramEnd run_to_end(const ProgramRequest& request) { return Program(request).wait(); }

}  // namespace baton

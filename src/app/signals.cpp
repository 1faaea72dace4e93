#include "app/signals.h"

#include "app/exit_code.h"
#include "runtime/command_groups.h"
#include "runtime/shutdown_times.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>

namespace baton {
namespace {

sigset_t handled() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

int patience_ms(Duration grace) {
  return static_cast<int>(std::min<Duration::rep>(shutdown_times(grace).leave.count(), 86'400'000));
}

// Commands die with this process; what they have started in turn would run on beside the next attempt.
[[noreturn]] void leave() {
  kill_command_groups();
  _exit(static_cast<int>(ExitCode::for_now));
}

}  // namespace

Signals::Signals(Duration grace) : ended_(eventfd(0, EFD_CLOEXEC)) {
  const sigset_t signals = handled();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  thread_ = std::jthread([this, signals, grace] {
    const int arriving = signalfd(-1, &signals, SFD_CLOEXEC);
    std::array<pollfd, 2> watched{{{arriving, POLLIN, 0}, {ended_, POLLIN, 0}}};
    int timeout_ms = -1;
    while (true) {
      const int ready = poll(watched.data(), watched.size(), timeout_ms);
      if (ready == 0) leave();
      if (ready < 0 && errno == EINTR) continue;  // stopped and continued
      if (ready < 0 || watched[1].revents != 0) break;
      signalfd_siginfo info{};
      if (read(arriving, &info, sizeof info) != sizeof info) break;
      if (stop_.stop_requested()) leave();
      stop_.request_stop();
      timeout_ms = patience_ms(grace);
    }
    close(arriving);
  });
}

Signals::~Signals() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(ended_, &one, sizeof one);
  thread_.join();
  close(ended_);
  const sigset_t signals = handled();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

}  // namespace baton

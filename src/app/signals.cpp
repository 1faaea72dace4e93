#include "app/signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <array>
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

}  // namespace

Signals::Signals() : ended_(eventfd(0, EFD_CLOEXEC)) {
  const sigset_t signals = handled();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  thread_ = std::jthread([this, signals] {
    const int arriving = signalfd(-1, &signals, SFD_CLOEXEC);
    std::array<pollfd, 2> watched{{{arriving, POLLIN, 0}, {ended_, POLLIN, 0}}};
    while (poll(watched.data(), watched.size(), -1) >= 0 && watched[1].revents == 0) {
      signalfd_siginfo info{};
      if (read(arriving, &info, sizeof info) != sizeof info) break;
      if (stop_.stop_requested()) _exit(75);
      stop_.request_stop();
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

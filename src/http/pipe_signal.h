// Writing to a connection that the other side has closed must not end the process.
#pragma once

#include <csignal>

namespace baton {

// Holds SIGPIPE back from the calling thread while it lives: OpenSSL writes to sockets without MSG_NOSIGNAL, and
// libcurl leaves the signal to its caller where there are threads. One that such a write raised is taken away at the
// end.
class PipeSignalHeld {
 public:
  PipeSignalHeld() {
    sigemptyset(&only_pipe_);
    sigaddset(&only_pipe_, SIGPIPE);
    was_pending_ = pending();
    pthread_sigmask(SIG_BLOCK, &only_pipe_, &before_);
  }
  PipeSignalHeld(const PipeSignalHeld&) = delete;
  PipeSignalHeld& operator=(const PipeSignalHeld&) = delete;
  ~PipeSignalHeld() {
    const timespec at_once{};
    if (!was_pending_ && pending()) sigtimedwait(&only_pipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  static bool pending() {
    sigset_t set;
    sigemptyset(&set);
    sigpending(&set);
    return sigismember(&set, SIGPIPE) == 1;
  }

  sigset_t only_pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

}  // namespace baton

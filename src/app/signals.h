// SIGTERM and SIGINT as a stop token (P22).
#pragma once

#include <stop_token>
#include <thread>

namespace baton {

// While it lives, the first SIGTERM or SIGINT requests the stop; a second one ends the process at once: lease and fence
// protect. One at a time; make it before any other thread, which inherits the blocked signals.
class Signals {
 public:
  Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

  std::stop_token stop() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  int ended_ = -1;  // eventfd
  std::jthread thread_;
};

}  // namespace baton

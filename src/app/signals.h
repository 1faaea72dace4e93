// SIGTERM and SIGINT as a stop token (P22).
#pragma once

#include "base/clock.h"

#include <stop_token>
#include <thread>

namespace baton {

// While it lives, the first SIGTERM or SIGINT requests the stop. A second one, or a grace that is nearly used up, ends
// the process and the process groups of its commands at once, with exit code 75: lease and fence protect. One at a
// time; make it before any other thread, which inherits the blocked signals.
class Signals {
 public:
  explicit Signals(Duration grace);
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

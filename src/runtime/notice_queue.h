// Hands notices of alerts to those who are to be told, each from a thread of its own: one who is away holds nobody up.
#pragma once

#include "base/clock.h"
#include "monitor/alert_lifecycle.h"
#include "runtime/work_left.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace baton {

// Called from one thread at a time, and may last; `stop` wants it to end. `invalid`: trying again is of no use.
struct NoticeSink {
  std::string shown;  // for the log, without secrets
  std::function<Status(const Notice&, std::stop_token stop)> deliver;
};

struct NoticeLimits {
  std::size_t waiting = 10'000;  // notices for one sink; what is more is dropped
  int attempts = 10;             // of one notice
  Duration first_pause{1'000};   // between them, doubling
  Duration longest_pause{60'000};
};

// Thread-safe. `clock` outlives it, and what `warn`, `finished` and `dropped` use, which are called from the threads.
class NoticeQueue {
 public:
  // `finished`: every sink has taken the notice, or refused it for good, or is away and has too many before it.
  // `dropped`: as well, but a sink that is not known to be away had no room for it: tell it again.
  NoticeQueue(
      std::vector<NoticeSink> sinks, Clock& clock, std::function<void(const std::string&)> warn, NoticeLimits limits,
      std::function<void(const Notice&)> finished = [](const Notice&) {},
      std::function<void(const Notice&)> dropped = [](const Notice&) {});
  NoticeQueue(const NoticeQueue&) = delete;
  NoticeQueue& operator=(const NoticeQueue&) = delete;
  // What is under way is told to end, and the rest is dropped.
  ~NoticeQueue();

  // Returns at once.
  void tell(const std::vector<Notice>& notices);

  // How many notices all sinks have room for, those that are away left out.
  std::size_t room();

  // Waits until everything is delivered or given up, at most until then; false where that came first.
  bool wait_until_told(Instant until);

 private:
  class Line;
  struct Sent;

  Clock& clock_;
  const std::function<void(const std::string&)> warn_;
  const std::function<void(const Notice&)> finished_;
  const std::function<void(const Notice&)> dropped_;
  const NoticeLimits limits_;
  WorkLeft left_;  // notices for single sinks
  std::vector<std::unique_ptr<Line>> lines_;
};

}  // namespace baton

// The writers of one file within this process, one after the other in the order in which they came. SQLite's own lock
// is asked for again and again, with pauses of up to 100 ms: fine between processes, slow among the jobs of one.
#pragma once

#include "base/clock.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace baton {

// Thread-safe.
class WriteTurn {
 public:
  // The same object for the same file, as long as somebody has it; one of its own where the file cannot be found.
  static std::shared_ptr<WriteTurn> of(const std::string& path);

  // False if it was not my turn within `timeout`. Else leave() follows.
  bool enter(Duration timeout);
  void leave();

 private:
  // One for each that waits, so that the end of a turn wakes the next one only, however many wait.
  using Ticket = std::condition_variable;

  std::mutex mutex_;
  std::deque<Ticket*> waiting_;  // the first one has the turn
};

}  // namespace baton

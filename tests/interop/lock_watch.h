// Looks at a table of locks again and again, from a thread of its own.
#pragma once

#include "dynamodb/lock_item.h"
#include "tests/interop/lock_timeline.h"

#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace baton {

class LockWatch {
 public:
  // An owner is called by the name in its locks, without a UUID at its end.
  explicit LockWatch(LockTable table);

  // As of the last look: the locks that this one holds.
  std::vector<std::string> locks_of(const std::string& owner) const;
  // Ends it.
  const LockTimeline& end();

 private:
  void look_again_and_again(const std::stop_token& stop, const LockTable& table);

  mutable std::mutex mutex_;
  LockTimeline timeline_;
  std::map<std::string, std::string> owners_;
  std::jthread thread_;
};

}  // namespace baton

// Stores that count every call and kill their own process before or after the one that a test names; and stores with a
// bug planted, to see that the tests find it.
#pragma once

#include "app/stores.h"

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace baton {

// Faults that the checks must find.
enum class PlantedBug {
  none,
  progress_apart,     // progress is committed in a transaction of its own, after the rows'
  orphans_left_open,  // executions of dead processes are not closed
};

// The calls of one process, over all its threads and stores. Thread-safe.
class StoreCalls {
 public:
  // Point 2n - 1 is before call n, point 2n after it; 0 kills nowhere. `kill_before` names a call: the first of that
  // name is not reached.
  explicit StoreCalls(std::uint64_t kill_at, std::string kill_before = "")
      : kill_at_(kill_at), kill_before_(std::move(kill_before)) {}

  template <class Call>
  auto pass(const char* name, Call call) -> decltype(call()) {
    const std::uint64_t number = note(name);
    reach(2 * number - 1);
    auto answer = call();
    reach(2 * number);
    return answer;
  }

  // In the order in which they began.
  std::vector<std::string> names() const;

 private:
  std::uint64_t note(const char* name);
  void reach(std::uint64_t point) const;

  const std::uint64_t kill_at_;
  const std::string kill_before_;
  mutable std::mutex mutex_;
  std::vector<const char*> names_;
};

// `calls` outlives the stores.
StoreHooks counting_stores(StoreCalls& calls, PlantedBug bug);

}  // namespace baton

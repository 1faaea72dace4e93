// The calls of stores that a process makes, and what it does to itself at one of them.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// A call by its name: "before TableWriter::write 1 kill", "after Transaction::commit 5 stop", or
// "after Transaction::commit 5 wait GATE", where GATE is a named pipe which that one thread reads to its end.
struct CallPoint {
  enum class What { kill, stop, wait };
  bool after = false;
  std::string call;
  std::uint64_t number = 1;  // the n-th of that name
  What what = What::kill;
  std::string gate;
};

// Ends the process where the text is neither empty nor a point.
std::optional<CallPoint> call_point(const std::string& text);

// Calls by their number, whatever they are: 2n - 1 is before call n, 2n after it; 0 is nowhere.
struct CallNumbers {
  std::uint64_t kill_at = 0;
  std::uint64_t stop_at = 0;
};

// Over all threads and stores of a process. Thread-safe.
class StoreCalls {
 public:
  StoreCalls(CallNumbers numbers, std::optional<CallPoint> point) : numbers_(numbers), point_(std::move(point)) {}

  template <class Call>
  auto pass(const char* name, Call call) -> decltype(call()) {
    const std::uint64_t number = note(name);
    reach(2 * number - 1);
    auto answer = pass_aside(name, call);
    reach(2 * number);
    return answer;
  }

  // Of a thread whose calls are in no order with those of the others: not counted among them.
  template <class Call>
  auto pass_aside(const char* name, Call call) -> decltype(call()) {
    const bool here = is_point(name);
    if (here && !point_->after) act();
    auto answer = call();
    if (here && point_->after) act();
    return answer;
  }

  // In the order in which they began.
  std::vector<std::string> names() const;

 private:
  std::uint64_t note(const char* name);
  void reach(std::uint64_t point) const;
  bool is_point(const char* name);
  void act() const;

  const CallNumbers numbers_;
  const std::optional<CallPoint> point_;
  mutable std::mutex mutex_;
  std::vector<const char*> names_;
  std::uint64_t of_that_name_ = 0;
};

}  // namespace baton

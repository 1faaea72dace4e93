// Which calls of a forwarding double break, and how.
#pragma once

#include "baton/result.h"

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

namespace baton {

struct Break {
  bool done = false;  // whether the call takes effect all the same
  ErrorKind kind = ErrorKind::retry;
  bool session_ended = false;
};

inline constexpr Break not_done{false, ErrorKind::retry};
inline constexpr Break lost_request{false, ErrorKind::unknown_outcome};
inline constexpr Break lost_answer{true, ErrorKind::unknown_outcome};
inline constexpr Break ended_session{false, ErrorKind::retry, true};
inline constexpr Break refused{false, ErrorKind::lease_lost};

// Thread-safe. `Call` is an enumeration of the double's calls.
template <class Call>
class Breaks {
 public:
  // The next calls of that kind meet these, one each, after `spared` that pass.
  void next(Call call, std::deque<Break> breaks, int spared = 0) {
    const std::scoped_lock lock(mutex_);
    Plan& plan = plans_[call];
    plan.breaks = std::move(breaks);
    plan.spared = spared;
  }
  // Runs before each call of that kind, without a lock.
  void before(Call call, std::function<void()> action) {
    const std::scoped_lock lock(mutex_);
    plans_[call].before = std::move(action);
  }
  int count(Call call) {
    const std::scoped_lock lock(mutex_);
    return plans_[call].count;
  }

  template <class T, class Inner>
  T run(Call call, Inner inner) {
    const std::optional<Break> broken = begin(call);
    if (!broken) return inner();
    if (broken->done) static_cast<void>(inner());
    return fail(Error{broken->kind, "broken by the test", broken->session_ended});
  }

 private:
  struct Plan {
    std::deque<Break> breaks;
    int spared = 0;
    std::function<void()> before;
    int count = 0;
  };

  std::optional<Break> begin(Call call) {
    std::unique_lock lock(mutex_);
    Plan& plan = plans_[call];
    ++plan.count;
    std::optional<Break> broken;
    if (plan.spared > 0) {
      --plan.spared;
    } else if (!plan.breaks.empty()) {
      broken = plan.breaks.front();
      plan.breaks.pop_front();
    }
    const auto before = plan.before;
    lock.unlock();
    if (before) before();
    return broken;
  }

  std::mutex mutex_;
  std::map<Call, Plan> plans_;
};

}  // namespace baton

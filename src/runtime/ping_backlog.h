// Which pings of dead man's switches wait, and which is sent next.
#pragma once

#include "base/clock.h"
#include "baton/result.h"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace baton {

enum class PingKind { start, success, failure };

struct Ping {
  std::string subject;  // whose switch it is
  PingKind kind = PingKind::success;
  int attempts = 0;  // made before this one
};

struct PingLimits {
  std::size_t at_once = 16;     // pings under way
  int attempts = 10;            // of one ping
  Duration first_pause{1'000};  // of a subject after a failure, doubling
  Duration longest_pause{60'000};
};

// At most two pings of a subject wait: the start and the end of its newest run, or the end of a run and the start of
// the next. What is older is of no interest to a switch.
class PingBacklog {
 public:
  explicit PingBacklog(const PingLimits& limits) : limits_(limits) {}

  void add(const Ping& ping);

  // Pings to send now, one of a subject; each is to be judged before the next call.
  std::vector<Ping> take(Instant now);
  // The same, of those that were not tried yet, whether their time has come or not.
  std::vector<Ping> take_untried();

  // What became of it; lines for the log. `invalid`: trying again is of no use.
  std::vector<std::string> judge(const Ping& ping, const Status& done, Instant now);

  // When something can be taken; Instant::max() where nothing waits.
  Instant next_time() const;

 private:
  struct Subject {
    std::deque<Ping> waiting;  // oldest first
    Duration pause{0};
    Instant not_before = Instant::min();
    bool refused = false;  // the last answer was that trying again is of no use
  };

  std::vector<Ping> take_where(const std::function<bool(const Subject&)>& ready);
  void put_off(Ping ping, Subject& subject, Instant now);

  const PingLimits limits_;
  std::map<std::string, Subject> subjects_;
  std::deque<std::string> order_;  // those for whom something waits; who was served goes to the end
  std::set<std::string> failing_;  // whose last attempt failed, and was worth another
};

}  // namespace baton

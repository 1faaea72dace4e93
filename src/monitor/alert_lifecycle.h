// An alert's life: it begins when something is found, is told again while it lasts, and ends when it is found no more.
// Any number of monitors may do this at once: the repository says whose change took effect, and that one tells. It
// notes there when the notice is delivered; if it dies before that, another one claims the notice and delivers it. So
// each notice is delivered at least once, and twice only where its teller died, or was silent, in between. What its
// teller itself does not know of, since the answer to its write was lost, it claims as well.
#pragma once

#include "batch/alerts.h"
#include "monitor/trouble.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

struct Notice {
  enum class Event { begun, reminder, ended };
  Event event = Event::begun;
  Alert alert;           // as of this notice
  bool recorded = true;  // false: it is in no repository, which was away
};

std::string_view name(Notice::Event event);

struct AlertRules {
  Duration remind{3'600'000};  // 0: never
  std::string teller = {};     // the replica that tells what it writes
  // Whether this monitor would have found it, if it were still so: what others look for is theirs to end.
  std::function<bool(const Alert&)> mine = [](const Alert&) { return true; };
  // Of one that ends though its cause may not have: why. Empty: it has.
  std::function<std::string(const Alert&)> why_over = [](const Alert&) { return std::string(); };
  // What is not found is over, also where another one says later that it saw it: it looked earlier.
  bool certain = false;
};

// The text of an alert that ended for a reason begins with this.
inline constexpr std::string_view over_because = "over: ";

// What to write, given the open alerts and what was found at `now`, the repository's clock as of the look.
std::vector<AlertChange> advance_alerts(const std::vector<Alert>& open, const std::vector<FoundTrouble>& findings,
                                        const AlertRules& rules, WallTime now);

struct ClaimRules {
  std::string teller;                                     // the replica that asks
  Duration patience{0};                                   // within which whoever tells is seen to live, if it does
  std::function<bool(const std::string& replica)> lives;  // as its row says
  std::function<bool(const Notice&)> under_way;           // `teller` is about to deliver it
};

// What to write to take over the notices of tellers that are gone, and the teller's own that it does not know of.
// `untold` are Alerts::untold().
std::vector<AlertChange> claim_untold(const std::vector<Alert>& untold, const ClaimRules& rules, WallTime now);

// That a notice is delivered.
AlertChange delivered(const Notice& notice);

// To enter what was told while it could not be recorded: nobody is told of it again.
std::vector<AlertChange> entering(const std::vector<Alert>& told);
// That those of `open` were still seen at `now`, whoever has entered them; to write after that.
std::vector<AlertChange> seen_again(const std::vector<Alert>& open, const std::vector<Alert>& told, WallTime now);

// What to tell of changes that were written. `done` is what Alerts::write said.
std::vector<Notice> notices_of(const std::vector<AlertChange>& changes, const std::vector<bool>& done);

}  // namespace baton

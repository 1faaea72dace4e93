// An alert's life: it begins when something is found, is told again while it lasts, and ends when it is found no more.
// Any number of monitors may do this at once: the repository says whose change took effect, and that one tells.
#pragma once

#include "batch/alerts.h"
#include "monitor/trouble.h"

#include <functional>
#include <string>
#include <vector>

namespace baton {

struct Notice {
  enum class Event { begun, reminder, ended };
  Event event = Event::begun;
  Alert alert;  // as of this notice
};

std::string_view name(Notice::Event event);

struct AlertRules {
  Duration remind{3'600'000};  // 0: never
  // Whether this monitor would have found it, if it were still so: what others look for is theirs to end.
  std::function<bool(const Alert&)> mine = [](const Alert&) { return true; };
};

// What to write, given the open alerts and what was found at `now`, the repository's clock as of the look.
std::vector<AlertChange> advance_alerts(const std::vector<Alert>& open, const std::vector<FoundTrouble>& findings,
                                        const AlertRules& rules, WallTime now);

// What to tell of changes that were written. `done` is what Alerts::write said.
std::vector<Notice> notices_of(const std::vector<AlertChange>& changes, const std::vector<bool>& done);

}  // namespace baton

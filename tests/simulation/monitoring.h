// What the monitors of all simulated processes share.
#pragma once

#include "batch/alerts.h"
#include "monitor/alert_lifecycle.h"
#include "tests/simulation/surroundings.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace baton {

// Switches for bugs that these tests must find; all off but where they are planted.
struct MonitorBugs {
  bool forgets_open_alerts = false;      // who takes a monitor over begins as if nothing had been found
  bool ends_what_it_cannot_see = false;  // ends alerts that only another configuration knows
  bool renews_while_hung = false;
  bool owner_ends_for_others = false;  // self monitoring ends alerts of what it does not judge
};

struct Monitoring {
  Surroundings& world;
  Alerts& alerts;
  Duration every;
  Duration grace;
  Duration paused_long;
  MonitorBugs bugs = {};
  std::vector<std::string> names = {"m1", "m2"};
  std::set<std::string> probing = {};           // those of them that acquire
  std::map<std::string, TrueTime> rounds = {};  // when each of them last had one
  std::int64_t looks = 0;                       // of all of them
  std::int64_t probed = 0;                      // locks that a probe has got

  // Returns what is told of it: "event kind subject".
  std::vector<std::string> write(const std::vector<AlertChange>& changes);
};

}  // namespace baton

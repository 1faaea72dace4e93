// The rules of global monitoring: is every job owned, and does it run when it should? One look after the other, each
// from what the stores say; what must last before it is trouble is remembered in between.
#pragma once

#include "batch/alerts.h"
#include "monitor/overview.h"
#include "monitor/trouble.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace baton {

struct MonitorSettings {
  std::string name;
  Duration grace{30'000};                                  // monitoring.grace
  std::vector<std::pair<std::string, Duration>> others{};  // the other monitors, and how often they look
  Duration paused_long{86'400'000};
  Duration differ_long{900'000};
};

// Beside what an overview needs.
struct MonitorFacts {
  std::vector<Alert> open;          // alerts
  std::vector<MonitorPass> passes;  // of all monitors
  // The jobs and monitors whose locks a probing client got; absent: the locks were only observed, and idle is what the
  // leases of the overview say.
  std::optional<std::set<std::string>> probed_idle = {};
  bool round = true;  // false: it comes between two rounds (monitor/look_times.h)
};

// Not thread-safe.
class GlobalMonitor {
 public:
  explicit GlobalMonitor(MonitorSettings settings) : settings_(std::move(settings)) {}

  // `now` is of the monitor's own clock; times of `overview` are the repository's. In a fixed order.
  // What is an open alert already has lasted long enough, whoever watched it.
  std::vector<FoundTrouble> look(OverviewFacts overview, const MonitorFacts& facts, Instant now);

  // Whether the last look could have found it, so that it is over if it did not. What this monitor has not watched for
  // long enough, and what only another configuration knows or judges, is for others to end.
  bool judges(const Alert& alert) const;
  // Where it is over by the last look, and what it was about may go on: why. Else empty.
  std::string why_over(const Alert& alert) const;

  // The earliest instant at which a look could find more than the last one because time alone has passed: a lease that
  // a round has seen can have run out, or something has lasted for long enough. Absent: nothing is waited for.
  std::optional<Instant> changes_at() const { return changes_at_; }

  // Of each job of the configuration, by the last look.
  const std::map<std::string, HealthState>& health() const { return health_; }

 private:
  using Key = std::pair<Trouble, std::string>;

  void remember(const OverviewFacts& overview, const MonitorFacts& facts);
  bool has_just_begun(WallTime now) const;
  void hold_paused(OverviewFacts& overview);
  void remember_holders(const OverviewFacts& overview);
  void await_expiries(const OverviewFacts& overview, bool round);
  void await(Instant at);
  bool kept(const OverviewFacts& facts, const JobOverview& job) const;
  std::int64_t left_behind(const OverviewFacts& facts, const std::string& replica) const;
  bool may_be_held_by_nobody(const LeaseRecord& lease, const OverviewFacts& facts) const;
  void leave_to_others(const OverviewFacts& facts, const Overview& overview, const std::set<std::string>& idle);
  void look_at_job(const OverviewFacts& facts, const ReplicaJob& configured, const JobOverview& job, bool idle);
  void look_at_capacity(const OverviewFacts& facts, const Overview& overview, const std::set<std::string>& idle);
  void look_at_replicas(const OverviewFacts& facts, const Overview& overview);
  void note_forgotten(const OverviewFacts& facts, const Overview& overview);
  void look_at_executions(const OverviewFacts& facts, const std::set<std::string>& idle);
  void look_at_monitors(const OverviewFacts& facts, const MonitorFacts& monitors);
  // Trouble once it has lasted for longer than `patience`.
  void found(Trouble trouble, const std::string& subject, std::string text, Duration patience = Duration(0));

  MonitorSettings settings_;
  Instant now_{};
  std::optional<WallTime> began_;                  // the first look, by the repository's clock
  std::map<std::string, WallTime> seen_paused_;    // when a job was last seen paused
  std::map<Key, Instant> since_;                   // of what is seen now
  std::set<Key> seen_;                             // by this look
  std::map<Key, Alert> open_;                      // as this look began
  std::set<Key> others_;                           // of them, those that this look could not judge
  std::map<std::string, std::int64_t> forgotten_;  // replicas of open alerts without a row, and their locks
  struct Hold {
    std::string owner;
    Instant since{};
  };
  struct Sight {
    std::string version;
    Instant expires{};
    bool of_round = false;
  };
  std::map<std::string, Sight> sights_;  // of leases, as last seen
  std::optional<Instant> changes_at_;
  std::map<std::string, Hold> holds_;  // whom each lock was last seen with, probes aside; absent: it was released
  std::map<std::string, std::string> first_versions_;  // of the leases at the first look
  bool many_without_capacity_ = false;                 // they are one alert
  std::vector<FoundTrouble> findings_;
  std::map<std::string, HealthState> health_;
};

// The locks that nobody holds: absent, released, or watched for longer than they last without a renewal; by the names
// of jobs and `others`. A probe that has one holds it for nobody.
std::set<std::string> idle_locks(const OverviewFacts& facts, const std::vector<std::string>& others);

}  // namespace baton

// The rules of self monitoring: owning a lease is not being alive. Each replica asks of the jobs that it owns whether
// they run when they should, and succeed; with the same rules as the global monitors, and with none of them. While the
// lease store is away nobody can own a job, and each replica asks of all.
#pragma once

#include "batch/alerts.h"
#include "batch/replicas.h"
#include "monitor/job_health.h"
#include "monitor/trouble.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace baton {

struct SelfMonitorSettings {
  Duration grace{30'000};  // monitoring.grace
  Duration paused_long{86'400'000};
  bool has_monitors = true;  // monitoring.global names some
};

struct SelfFacts {
  const ReplicaSettings& settings;  // of this replica
  std::vector<Alert> open = {};     // alerts, read before the rest
  RepositoryView view = {};
  std::set<std::string> owned = {};                // jobs, by this replica
  bool leases_away = false;                        // for long: whoever owned a job owns it no more
  std::map<std::string, InstanceState> runs = {};  // of jobs_in_charge, newest first
  std::vector<FoundTrouble> stores_away = {};      // that this replica misses
};

// The jobs of the configuration that this replica judges.
std::vector<std::string> jobs_in_charge(const ReplicaSettings& settings, const std::set<std::string>& owned,
                                        bool leases_away);

// Not thread-safe.
class SelfMonitor {
 public:
  explicit SelfMonitor(SelfMonitorSettings settings) : settings_(settings) {}

  // `now` is of the replica's own clock; times of `facts` are the repository's. A job that this replica has just taken
  // over is overdue only when it was not run within `grace` from then, unless the alert is open already.
  std::vector<FoundTrouble> look(const SelfFacts& facts, Instant now);

  // Whether an alert is over that the last look did not find: of a job in charge, of a job that no live replica has in
  // its configuration, of a store that no replica has missed for three heartbeats, and where no live replica has
  // monitors, what only they look for.
  bool judges(const Alert& alert) const;

  // Of the jobs in charge, by the last look.
  const std::map<std::string, HealthState>& health() const { return health_; }

 private:
  using Key = std::pair<Trouble, std::string>;

  void look_at_job(const SelfFacts& facts, const ReplicaJob& job, std::vector<FoundTrouble>& findings);
  bool runs(const SelfFacts& facts, const ReplicaJob& job, const InstanceState* run) const;
  bool just_taken(const std::string& job) const;
  bool is_looked_for_by_nobody(Trouble trouble, const std::string& subject) const;
  void note_configurations(const SelfFacts& facts);

  SelfMonitorSettings settings_;
  Instant now_{};
  WallTime wall_now_{};
  bool leases_away_ = false;
  std::map<std::string, WallTime> seen_paused_;  // when a job was last seen paused
  std::map<std::string, Instant> in_charge_;     // since when
  std::map<std::string, HealthState> health_;
  std::map<Key, const Alert*> open_;  // during a look, as is the next
  std::map<std::string, const JobControl*> controls_;
  std::set<Key> healed_for_all_;  // of the jobs in charge
  std::set<std::string> configured_;
  bool configurations_differ_ = false;  // among live replicas
  Duration slowest_heartbeat_{0};       // of live replicas
};

}  // namespace baton

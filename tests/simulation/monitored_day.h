// Simulated replicas with self monitoring and their global monitors, step by step, and what must hold of what they
// tell, whatever happens to the processes: the truth is known here.
#pragma once

#include "tests/doubles/memory_alerts.h"
#include "tests/simulation/replica_monitors.h"
#include "tests/simulation/replica_self_watch.h"
#include "tests/simulation/simulation.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// Who watches a day, and how often.
struct Watching {
  Duration every{2'000};
  std::vector<std::string> monitors{"m1", "m2"};
  std::set<std::string> probing{};  // those that acquire
  bool exact = false;               // each look at its very instant, not at the next second
};

// Three replicas, so many jobs, clocks that NTP keeps in time; nothing goes wrong but what the test does.
SimulationPlan calm_day(std::uint64_t seed, std::int64_t tokens, int jobs = 6);

class MonitoredDay {
 public:
  static constexpr Duration every{2'000};  // where nothing else is said
  static constexpr Duration grace{5'000};
  static constexpr Duration paused_long{7'200'000};

  // `jobs`: of the first configuration, some of the plan's; empty: all of them.
  explicit MonitoredDay(const SimulationPlan& plan, const MonitorBugs& bugs = {}, std::vector<SimulatedJob> jobs = {},
                        const Watching& watching = {});
  MonitoredDay(const SimulationPlan& plan, const Watching& watching) : MonitoredDay(plan, {}, {}, watching) {}
  MonitoredDay(const MonitoredDay&) = delete;
  MonitoredDay& operator=(const MonitoredDay&) = delete;

  Surroundings& world() { return simulation_.world(); }
  Fleet& fleet() { return simulation_.fleet(); }

  // What was told of until then: "event kind subject".
  std::vector<std::string> watch_for(TrueTime time);
  // From now until it begins, or more than `bound`.
  TrueTime time_to(const std::string& told_of, TrueTime bound);

  ReplicaProcess* owner_of(const std::string& key) { return fleet().find(world().leases.truth(key).owner); }
  // The loop of the one that has the monitor's lease stands still for so long; its process does not.
  void hang(const std::string& monitor, TrueTime length);
  // Until each monitor is on another replica.
  void spread();
  // Until just after the next round of that monitor.
  void await_round(const std::string& monitor);
  // A process that looks for none of the monitors.
  ReplicaProcess* without_monitor();
  std::int64_t looks() const { return monitoring_.looks; }    // of global monitors
  std::int64_t probed() const { return monitoring_.probed; }  // locks that a probe has got

  std::vector<Alert> open_alerts() const { return alerts_.open().value(); }
  // What was told or left undone although the truth was another.
  const std::optional<std::string>& violation() const { return violation_; }
  double replica_hours() const { return simulation_.report().replica_hours; }

 private:
  bool advance(TrueTime end, std::vector<std::string>& told);
  TrueTime next_step(TrueTime end);
  void step(std::vector<std::string>& told);
  void note(const std::string& told, std::vector<std::string>& all);
  void note_stall(const std::string& replica, const NoteStall& stall);
  void check_told(const std::string& told);
  void check_watched();
  bool can_watch(const ReplicaProcess& process, const std::string& monitor);
  bool configured(const std::string& job);
  bool has_run_since(const std::string& job);
  std::int64_t newest_execution(const std::string& job);
  bool held(const std::string& job);
  bool has_left_a_lock(const std::string& replica);
  struct Watchers {
    Watchers(Monitoring& shared, ReplicaProcess& process) : global(shared, process), self(shared, process) {}
    ReplicaMonitors global;
    ReplicaSelfWatch self;
  };
  Watchers& watchers_of(ReplicaProcess& process);

  Simulation simulation_;
  mutable MemoryAlerts alerts_{std::make_shared<MemoryAlertState>()};
  Monitoring monitoring_;
  const bool exact_;
  std::map<const ReplicaProcess*, std::unique_ptr<Watchers>> watchers_;
  std::vector<std::string> stalls_;                // told of and not returned yet
  std::map<std::string, TrueTime> told_at_;        // the last time
  std::map<std::string, std::int64_t> overdue_;    // a job's newest execution when it became overdue
  std::map<std::string, std::int64_t> completed_;  // runs of a job when its failing began
  std::map<std::string, TrueTime> watched_;        // monitor: when somebody looked, or nobody could
  std::optional<std::string> violation_;
};

}  // namespace baton

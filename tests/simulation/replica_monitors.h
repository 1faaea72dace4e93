// The global monitors of one simulated process: what app/global_monitors.h does with threads, in steps that a test
// asks for. Each waits for the lease of its name, keeps it while its loop ticks, and looks at everything while it has
// it.
#pragma once

#include "app/ticked_lease_store.h"
#include "batch/alerts.h"
#include "lease/held_lease.h"
#include "lease/lease_observer.h"
#include "monitor/global_monitor.h"
#include "tests/simulation/replica_process.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// Switches for bugs that these tests must find; all off but where they are planted.
struct MonitorBugs {
  bool forgets_open_alerts = false;      // who takes a monitor over begins as if nothing had been found
  bool ends_what_it_cannot_see = false;  // ends alerts that only another configuration knows
  bool renews_while_hung = false;
};

// What the monitors of all processes share.
struct Monitoring {
  Surroundings& world;
  Alerts& alerts;
  Duration every;
  Duration grace;
  Duration paused_long;
  MonitorBugs bugs = {};
  std::vector<std::string> names = {"m1", "m2"};
};

class ReplicaMonitors {
 public:
  ReplicaMonitors(Monitoring& shared, ReplicaProcess& process);
  ReplicaMonitors(const ReplicaMonitors&) = delete;
  ReplicaMonitors& operator=(const ReplicaMonitors&) = delete;
  ~ReplicaMonitors();

  // What is due now, of a process that runs. Returns what was told of: "event kind subject".
  std::vector<std::string> step();

  // The loop of that monitor stands still until then; what renews its lease does not.
  void hang(const std::string& monitor, TrueTime until);
  bool hangs(const std::string& monitor) const;
  bool holds(const std::string& monitor) const;

 private:
  class Leases;
  struct Watcher;

  void keep(Watcher& watcher);
  void try_to_take(Watcher& watcher);
  void look(Watcher& watcher, std::vector<std::string>& told);
  void tick(const Watcher& watcher);
  OverviewFacts facts(Watcher& watcher);
  const Watcher& watcher(const std::string& monitor) const;

  Monitoring& shared_;
  ReplicaProcess& process_;
  SeededRandom random_;
  std::unique_ptr<Leases> leases_;
  TickedLeaseStore ticked_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
};

}  // namespace baton

// The global monitors of one simulated process: what app/global_monitors.h does with threads, in steps that a test
// asks for. Each waits for the lease of its name, keeps it while its loop ticks, and looks at everything while it has
// it.
#pragma once

#include "app/ticked_lease_store.h"
#include "lease/held_lease.h"
#include "lease/lease_observer.h"
#include "monitor/global_monitor.h"
#include "tests/simulation/monitoring.h"
#include "tests/simulation/replica_process.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

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
  // When one that has its lease and does not hang looks next; far away where none does.
  Instant next_look() const;

 private:
  class Leases;
  struct Watcher;

  void keep(Watcher& watcher);
  void try_to_take(Watcher& watcher);
  void look(Watcher& watcher, std::vector<std::string>& told);
  void tick(const Watcher& watcher);
  std::optional<std::set<std::string>> probe(Watcher& watcher);
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

// Self monitoring of one simulated process: what app/self_watch.h and app/store_outages.h do with threads, in steps
// that a test asks for.
#pragma once

#include "app/store_outages.h"
#include "monitor/self_monitor.h"
#include "tests/simulation/monitoring.h"
#include "tests/simulation/replica_process.h"

namespace baton {

class ReplicaSelfWatch {
 public:
  ReplicaSelfWatch(Monitoring& shared, ReplicaProcess& process);

  // What is due now, of a process that runs. Returns what was told of: "event kind subject".
  std::vector<std::string> step();

  Instant next_look() const { return look_at_; }

 private:
  SelfFacts facts() const;

  Monitoring& shared_;
  ReplicaProcess& process_;
  StoreOutages outages_;
  SelfMonitor monitor_;
  Instant look_at_;
};

}  // namespace baton

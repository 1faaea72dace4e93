// A replica looks whether the jobs that it owns run when they should, once in each heartbeat. It needs no global
// monitor; where there is one too, both judge alike, and the alerts are the same.
#pragma once

#include "app/alert_desk.h"
#include "app/commands.h"
#include "app/monitoring_board.h"
#include "app/store_outages.h"
#include "monitor/self_monitor.h"
#include "runtime/replica_watch.h"

#include <set>
#include <string>
#include <thread>

namespace baton {

// From a thread of its own, over the desk's session. What is given outlives it.
class SelfWatch {
 public:
  struct Parts {
    const ReplicaWatch& watch;
    OutageWatch& outages;
    AlertDesk& desk;
    MonitoringBoard& board;
  };

  SelfWatch(const CommandContext& context, const ReplicaSettings& settings, const Parts& parts);
  SelfWatch(const SelfWatch&) = delete;
  SelfWatch& operator=(const SelfWatch&) = delete;
  // Cuts off the look that is under way.
  ~SelfWatch() = default;

 private:
  void work(const std::stop_token& stop);
  Status look(Repository& repository);
  Status enter_outages(Repository& repository);
  std::set<std::string> owned() const;
  void tell_once(const std::string& error);

  const CommandContext& context_;
  const ReplicaSettings& settings_;
  const Parts parts_;
  SelfMonitor monitor_;
  std::string told_;
  std::jthread thread_;
};

}  // namespace baton

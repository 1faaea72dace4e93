// The global monitors of a configuration: each waits for the lease of its name, and looks at everything while it has
// it.
#pragma once

#include "app/alert_desk.h"
#include "app/commands.h"
#include "app/monitoring_board.h"
#include "app/pings.h"
#include "app/ticked_lease_store.h"
#include "runtime/lease_keeper.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace baton {

// A thread for each monitor, beside the replica: they need no token, and tell also when the replica itself hangs. What
// is given outlives it.
class GlobalMonitors {
 public:
  GlobalMonitors(const CommandContext& context, const std::string& replica, AlertDesk& desk, MonitoringBoard& board,
                 Pings& pings);
  GlobalMonitors(const GlobalMonitors&) = delete;
  GlobalMonitors& operator=(const GlobalMonitors&) = delete;
  // Ends the rounds and releases the leases.
  ~GlobalMonitors();

 private:
  class Watcher;

  std::unique_ptr<LeaseStore> store_;
  std::unique_ptr<TickedLeaseStore> leases_;
  std::unique_ptr<LeaseKeeper> keeper_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
};

}  // namespace baton

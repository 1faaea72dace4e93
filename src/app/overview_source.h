// Reads what an overview tells of, from the stores of a configuration.
#pragma once

#include "app/stores.h"
#include "batch/alerts.h"
#include "lease/lease_observer.h"
#include "monitor/overview.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// What a global monitor needs of the alerts beside an overview.
struct MonitorAlerts {
  std::optional<std::vector<Alert>> open;  // absent: still to be read
  std::vector<MonitorPass> passes = {};    // of all monitors, read after the replicas
};

// Keeps its connections and what it saw of leases, for one read after the other. Changes nothing in the stores. Used by
// one thread; what is given outlives it.
class OverviewSource {
 public:
  OverviewSource(const Config& config, const Stores& stores, Clock& clock);
  OverviewSource(const OverviewSource&) = delete;
  OverviewSource& operator=(const OverviewSource&) = delete;
  ~OverviewSource();

  // As check_lease_store, over the connections that read() then uses.
  Status check_stores();

  // Stores that are not there yet are no error. An error of a store: the next call connects anew. Where only the leases
  // cannot be read, the overview says why, and what the repository knows.
  Result<Overview> read();

  // What read() judges, for somebody who judges himself: an error where either store cannot be read.
  Result<OverviewFacts> facts();

  // The same for a global monitor, which has read the open alerts before the rest, and wants the passes too.
  Result<OverviewFacts> facts(MonitorAlerts& alerts);

  // The job's fence in the repository; empty without a repository, and where the job was never fenced.
  Result<std::optional<std::int64_t>> fence(const std::string& job);

 private:
  Result<Repository*> repository();
  Status open_leases();
  Status read_leases(OverviewFacts& facts);
  Status read_runs(Repository& repository, const std::vector<std::string>& jobs, OverviewFacts& facts);
  Status read_repository(Repository& repository, MonitorAlerts& alerts, OverviewFacts& facts);
  enum class Leases { needed, wanted };
  Result<OverviewFacts> read_facts(MonitorAlerts& alerts, Leases leases);
  Result<OverviewFacts> connect_anew_after_an_error(Result<OverviewFacts> facts);

  const Config& config_;
  const Stores& stores_;
  Clock& clock_;
  const ReplicaSettings settings_;
  std::unique_ptr<LeaseStore> leases_;
  std::optional<Error> not_opened_;  // what check_stores() met: the first look need not wait for it again
  std::unique_ptr<Repository> repository_;
  LeaseObserver observer_;
};

}  // namespace baton

// Reads what an overview tells of, from the stores of a configuration.
#pragma once

#include "app/stores.h"
#include "lease/lease_observer.h"
#include "monitor/overview.h"

#include <memory>
#include <string>

namespace baton {

// Keeps its connections and what it saw of leases, for one read after the other. Changes nothing in the stores. Used by
// one thread; what is given outlives it.
class OverviewSource {
 public:
  OverviewSource(const Config& config, const Stores& stores, Clock& clock);
  OverviewSource(const OverviewSource&) = delete;
  OverviewSource& operator=(const OverviewSource&) = delete;
  ~OverviewSource();

  // Stores that are not there yet are no error. An error of a store: the next call connects anew.
  Result<Overview> read();

  // What read() judges, for somebody who judges himself.
  Result<OverviewFacts> facts();

  // The job's fence in the repository; empty without a repository, and where the job was never fenced.
  Result<std::optional<std::int64_t>> fence(const std::string& job);

 private:
  Result<Repository*> repository();
  Status read_leases(OverviewFacts& facts);
  Status read_runs(Repository& repository, const std::string& job, OverviewFacts& facts);
  Result<OverviewFacts> read_facts();

  const Config& config_;
  const Stores& stores_;
  Clock& clock_;
  const ReplicaSettings settings_;
  std::unique_ptr<LeaseStore> leases_;
  std::unique_ptr<Repository> repository_;
  LeaseObserver observer_;
};

}  // namespace baton

// The work of the configuration's jobs, for the replica: each call on a thread of that job.
#pragma once

#include "app/build_steps.h"
#include "app/log.h"
#include "app/run_log.h"
#include "app/stores.h"
#include "config/config.h"
#include "runtime/replica.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace baton {

// Open stores that wait for their next use. Thread-safe.
class IdleStores {
 public:
  explicit IdleStores(const Stores& stores) : stores_(stores) {}

  // The stores of the job's connections: idle ones of the same connections, or new ones.
  Result<std::unique_ptr<RunStores>> take(const JobConfig& job);
  // To be used again; at most a few are kept.
  void give_back(const JobConfig& job, std::unique_ptr<RunStores> stores);

 private:
  const Stores& stores_;
  std::mutex mutex_;
  std::map<std::string, std::vector<std::unique_ptr<RunStores>>> idle_;  // by the names of the connections
};

// How a job's steps are made: of its configuration, unless a program that measures wants others.
using StepMaker = std::function<Result<std::vector<std::unique_ptr<Step>>>(const JobConfig& job, RunStores& stores,
                                                                           Duration shutdown_grace)>;

// Everything that is given outlives it.
class ConfiguredWork final : public JobWork {
 public:
  ConfiguredWork(const Config& config, const Stores& stores, Clock& clock, Log& log, std::string replica,
                 StepMaker make_steps = baton::make_steps)
      : config_(config),
        stores_(stores),
        clock_(clock),
        log_(log),
        line_(log, clock),
        replica_(std::move(replica)),
        make_steps_(std::move(make_steps)),
        idle_(stores) {}

  Result<OwnedJob> own(const std::string& job, LeaseHold& lease, std::stop_token stop) override;
  Result<RunOutcome> run(const std::string& job, LeaseHold& lease, const Ownership& ownership, const RunOrder& order,
                         std::stop_token stop) override;
  Status close_nobodys(const std::string& job, LeaseHold& lease, std::stop_token stop) override;

 private:
  struct Call;

  const JobConfig& configured(const std::string& job) const;
  Status with_stores(const std::string& job, const JobConfig& with, LeaseHold& lease,
                     const std::function<Status(OwnedJobParts&)>& work);

  const Config& config_;
  const Stores& stores_;
  Clock& clock_;
  Log& log_;
  ProgressLine line_;
  const std::string replica_;
  const StepMaker make_steps_;
  IdleStores idle_;
};

}  // namespace baton

// The work of the configuration's jobs, for the replica: each call on a thread of that job.
#pragma once

#include "app/build_steps.h"
#include "app/log.h"
#include "app/pings.h"
#include "app/run_log.h"
#include "app/run_meter.h"
#include "app/run_stores_pool.h"
#include "app/stores.h"
#include "config/config.h"
#include "runtime/replica.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace baton {

// How a job's steps are made: of its configuration (steps_with), unless a program that measures wants others.
using StepMaker = std::function<Result<std::vector<std::unique_ptr<Step>>>(const JobConfig& job, RunStores& stores,
                                                                           Duration shutdown_grace)>;

// make_steps with these parts, which outlive it.
StepMaker steps_with(const NativeParts& natives);

// Everything that is given outlives it.
class ConfiguredWork final : public JobWork {
 public:
  ConfiguredWork(const Config& config, const Stores& stores, Clock& clock, Log& log, std::string replica,
                 StepMaker make_steps)
      : config_(config),
        stores_(stores),
        clock_(clock),
        log_(log),
        line_(log, clock),
        replica_(std::move(replica)),
        make_steps_(std::move(make_steps)),
        pool_(config, stores) {}

  // Whom runs ping from now on; `pings` outlives it.
  void ping_with(Pings& pings) { pings_ = &pings; }

  // From now on what the runs do is counted there; `meter` outlives it.
  void measure_with(RunMeter& meter) { meter_ = &meter; }

  Result<OwnedJob> own(const std::string& job, LeaseHold& lease, std::stop_token stop) override;
  Result<RunOutcome> run(const std::string& job, LeaseHold& lease, const Ownership& ownership, const RunOrder& order,
                         std::stop_token stop) override;
  Status close_nobodys(const std::string& job, LeaseHold& lease, std::stop_token stop) override;

 private:
  struct Call;

  const JobConfig& configured(const std::string& job) const;
  Status with_stores(const std::string& job, const JobConfig& with, LeaseHold& lease, PoolWait wait,
                     const std::function<Status(OwnedJobParts&)>& work);
  Result<RunOutcome> pinged(const std::string& job, OwnedJobParts& parts,
                            const std::function<Result<RunOutcome>()>& run);
  Result<RunOutcome> metered(const std::string& job, OwnedJobParts& parts,
                             const std::function<Result<RunOutcome>()>& run);
  // Becoming the owner has a lease of time (P8).
  PoolWait a_lease_long(const std::stop_token& stop) const { return {*config_.locks.lease, stop, {}}; }

  const Config& config_;
  const Stores& stores_;
  Clock& clock_;
  Log& log_;
  ProgressLine line_;
  RunMeter* meter_ = nullptr;
  Pings* pings_ = nullptr;
  const std::string replica_;
  const StepMaker make_steps_;
  RunStoresPool pool_;
};

}  // namespace baton

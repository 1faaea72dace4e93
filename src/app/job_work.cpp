#include "app/job_work.h"

#include "app/run_once.h"
#include "batch/restart_rules.h"

#include <fmt/format.h>

namespace baton {
namespace {

// Neither steps nor connections of its own (P16).
const JobConfig& no_job() {
  static const JobConfig none;
  return none;
}

// For the metrics: what the newest run does not say. Where it cannot be read it stays unknown.
void find_success(const std::string& job, std::optional<LastRun>& last, Executions& executions) {
  if (!last || last->status == BatchStatus::completed) return;
  const auto success = executions.last_completed(job);
  if (!success) return;
  if (*success) last->completed_before = (*success)->ended;
  last->never_completed = !*success;
}

}  // namespace

StepMaker steps_with(const NativeParts& natives) {
  return [&natives](const JobConfig& job, RunStores& stores, Duration shutdown_grace) {
    return make_steps(job, stores, shutdown_grace, natives);
  };
}

const JobConfig& ConfiguredWork::configured(const std::string& job) const {
  const JobConfig* known = config_.job(job);
  return known == nullptr ? no_job() : *known;
}

Status ConfiguredWork::with_stores(const std::string& job, const JobConfig& with, LeaseHold& lease, PoolWait wait,
                                   const std::function<Status(OwnedJobParts&)>& work) {
  wait.began = [&](const std::string& why) { log_.info(fmt::format("{}: waits: {}", job, why)); };
  BATON_TRY(PooledStores stores, pool_.take(with, wait));
  const JobPlan plan = make_plan(with, stores->key_format());
  RunLog listener(log_, line_, clock_, job);
  OwnedJobParts parts;
  parts.plan = &plan;
  parts.replica = replica_;
  parts.repository = &stores->repository();
  parts.targets = stores->targets();
  parts.open_recorded = [this](const std::string& identity) { return stores_.open_recorded(identity); };
  parts.record = &stores->record();
  parts.executions = &stores->executions();
  parts.replicas = &stores->replicas();
  parts.make_steps = [&] { return make_steps_(with, *stores, config_.shutdown_grace); };
  parts.lease = &lease;
  parts.clock = &clock_;
  parts.listener = &listener;
  BATON_CHECK(work(parts));
  stores.usable_again();
  return {};
}

Result<OwnedJob> ConfiguredWork::own(const std::string& job, LeaseHold& lease, std::stop_token stop) {
  OwnedJob owned;
  BATON_CHECK(with_stores(job, configured(job), lease, a_lease_long(stop), [&](OwnedJobParts& parts) -> Status {
    parts.stop = std::move(stop);
    BATON_TRY(owned, own_job(parts));
    if (meter_ != nullptr) find_success(job, owned.last, *parts.executions);
    return {};
  }));
  return owned;
}

Result<RunOutcome> ConfiguredWork::run(const std::string& job, LeaseHold& lease, const Ownership& ownership,
                                       const RunOrder& order, std::stop_token stop) {
  const Instant began = clock_.now();
  RunOutcome outcome;
  BATON_CHECK(with_stores(job, configured(job), lease, {{}, stop, {}}, [&](OwnedJobParts& parts) -> Status {
    Result<RunOutcome> run = pinged(job, parts, [&] {
      return metered(job, parts, [&] { return run_owned(parts, ownership, order, std::move(stop)); });
    });
    BATON_TRY(outcome, std::move(run));
    return {};
  }));
  if (outcome.execution) {
    OnceReport report;
    report.job = job;
    report.execution = outcome.execution;
    report.elapsed = std::chrono::duration_cast<Duration>(clock_.now() - began);
    log_.info(summary_line(report));
  }
  return outcome;
}

Result<RunOutcome> ConfiguredWork::pinged(const std::string& job, OwnedJobParts& parts,
                                          const std::function<Result<RunOutcome>()>& run) {
  if (pings_ == nullptr) return run();
  PingedRun pinged(*pings_, *parts.listener, job);
  parts.listener = &pinged;
  return run();
}

Result<RunOutcome> ConfiguredWork::metered(const std::string& job, OwnedJobParts& parts,
                                           const std::function<Result<RunOutcome>()>& run) {
  if (meter_ == nullptr) return run();
  MeteredRun metered(*meter_, *parts.listener, clock_, job);
  parts.listener = &metered;
  Result<RunOutcome> outcome = run();
  metered.ended(outcome ? outcome->execution : std::nullopt);
  return outcome;
}

// Without the job's own connections: what is wrong with them may be why nobody owns it (P16).
Status ConfiguredWork::close_nobodys(const std::string& job, LeaseHold& lease, std::stop_token stop) {
  return with_stores(job, no_job(), lease, a_lease_long(stop), [&](OwnedJobParts& parts) {
    parts.stop = std::move(stop);
    return baton::close_nobodys(parts, job);
  });
}

}  // namespace baton

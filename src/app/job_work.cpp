#include "app/job_work.h"

#include "app/run_once.h"
#include "batch/restart_rules.h"

#include <fmt/format.h>

namespace baton {
namespace {

constexpr std::size_t most_idle = 16;  // of the same connections

std::string key_of(const JobConfig& job) {
  std::string key;
  for (const auto& name : connections_of(job)) key += (name ? name->value : "") + "\n";
  return key;
}

// Neither steps nor connections of its own (P16).
const JobConfig& no_job() {
  static const JobConfig none;
  return none;
}

}  // namespace

Result<std::unique_ptr<RunStores>> IdleStores::take(const JobConfig& job) {
  std::unique_ptr<RunStores> found;
  while (true) {
    {
      const std::scoped_lock lock(mutex_);
      auto& idle = idle_[key_of(job)];
      if (idle.empty()) break;
      found = std::move(idle.back());
      idle.pop_back();
    }
    if (found->usable()) return found;
  }
  return stores_.open_run(job);
}

void IdleStores::give_back(const JobConfig& job, std::unique_ptr<RunStores> stores) {
  const std::scoped_lock lock(mutex_);
  auto& idle = idle_[key_of(job)];
  if (idle.size() < most_idle) idle.push_back(std::move(stores));
}

const JobConfig& ConfiguredWork::configured(const std::string& job) const {
  const JobConfig* known = config_.job(job);
  return known == nullptr ? no_job() : *known;
}

Status ConfiguredWork::with_stores(const std::string& job, const JobConfig& with, LeaseHold& lease,
                                   const std::function<Status(OwnedJobParts&)>& work) {
  BATON_TRY(auto stores, idle_.take(with));
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
  idle_.give_back(with, std::move(stores));
  return {};
}

Result<OwnedJob> ConfiguredWork::own(const std::string& job, LeaseHold& lease, std::stop_token stop) {
  OwnedJob owned;
  BATON_CHECK(with_stores(job, configured(job), lease, [&](OwnedJobParts& parts) -> Status {
    parts.stop = std::move(stop);
    BATON_TRY(owned, own_job(parts));
    return {};
  }));
  return owned;
}

Result<RunOutcome> ConfiguredWork::run(const std::string& job, LeaseHold& lease, const Ownership& ownership,
                                       const RunOrder& order, std::stop_token stop) {
  const Instant began = clock_.now();
  RunOutcome outcome;
  BATON_CHECK(with_stores(job, configured(job), lease, [&](OwnedJobParts& parts) -> Status {
    BATON_TRY(outcome, run_owned(parts, ownership, order, std::move(stop)));
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

// Without the job's own connections: what is wrong with them may be why nobody owns it (P16).
Status ConfiguredWork::close_nobodys(const std::string& job, LeaseHold& lease, std::stop_token stop) {
  return with_stores(job, no_job(), lease, [&](OwnedJobParts& parts) {
    parts.stop = std::move(stop);
    return baton::close_nobodys(parts, job);
  });
}

}  // namespace baton

// baton plan: what each step would do, and what it would fail with, without doing it.
#include "app/commands.h"
#include "app/plan_steps.h"
#include "app/plan_text.h"
#include "app/run_replica.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

Result<std::vector<const JobConfig*>> chosen_jobs(const Config& config, const std::vector<std::string>& names) {
  std::vector<const JobConfig*> jobs;
  if (names.empty()) {
    for (const JobConfig& job : config.jobs) jobs.push_back(&job);
    return jobs;
  }
  for (const std::string& name : names) {
    BATON_TRY(const JobConfig* job, find_job(config, name));
    jobs.push_back(job);
  }
  return jobs;
}

PlannedLocks plan_locks(const CommandContext& context, std::optional<std::int64_t> replicas) {
  const ReplicaSettings settings = replica_settings(context.config, "");
  const DynamoDbConfig& dynamodb = *context.config.locks.dynamodb;
  LockLoad load;
  load.table = {*dynamodb.table, dynamodb.partition_key, dynamodb.sort_key};
  for (const ReplicaJob& job : settings.jobs) load.jobs.push_back(job.name);
  load.tokens = settings.tokens;
  const auto jobs = static_cast<std::int64_t>(load.jobs.size());
  load.replicas = replicas.value_or(std::max<std::int64_t>(1, (jobs + load.tokens - 1) / load.tokens));
  load.fair = settings.balance == Balance::fair;
  load.timings = settings.timings;
  return {context.stores.lease_store_shown(), load, lock_cost(load)};
}

}  // namespace

ExitCode plan_command(const CommandContext& context, const std::vector<std::string>& names,
                      std::optional<std::int64_t> replicas) {
  const auto jobs = chosen_jobs(context.config, names);
  if (!jobs) return report_usage(jobs.error());
  const std::vector<PlannedStep> steps = plan_steps(context.config, context.stores, context.natives, *jobs);
  std::optional<PlannedLocks> locks;
  if (names.empty() && context.config.locks.dynamodb) locks = plan_locks(context, replicas);
  fmt::print("{}", context.json ? plan_json(steps, locks) : plan_text(steps, locks));
  ExitCode worst_of_all = ExitCode::done;
  for (const PlannedStep& step : steps) {
    for (const Error& problem : step.problems) worst_of_all = worst(worst_of_all, exit_code(problem));
  }
  return worst_of_all;
}

}  // namespace baton

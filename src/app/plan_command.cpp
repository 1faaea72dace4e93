// baton plan: what each step would do, and what it would fail with, without doing it.
#include "app/commands.h"
#include "app/plan_steps.h"
#include "app/plan_text.h"

#include <fmt/format.h>

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

}  // namespace

ExitCode plan_command(const CommandContext& context, const std::vector<std::string>& names) {
  const auto jobs = chosen_jobs(context.config, names);
  if (!jobs) return report_usage(jobs.error());
  const std::vector<PlannedStep> steps = plan_steps(context.config, context.stores, *jobs);
  fmt::print("{}", context.json ? plan_json(steps) : plan_text(steps));
  ExitCode worst_of_all = ExitCode::done;
  for (const PlannedStep& step : steps) {
    for (const Error& problem : step.problems) worst_of_all = worst(worst_of_all, exit_code(problem));
  }
  return worst_of_all;
}

}  // namespace baton

#include "app/build_steps.h"
#include "app/commands.h"
#include "app/config_advice.h"
#include "app/listing_values.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

Value ended_by_value(const JobExecution& run) {
  Value value;
  if (!is_running(run.status)) value = std::string(name(run.ended_by));
  return value;
}

void print(const CommandContext& context, const Listing& listing) {
  fmt::print("{}", context.json ? as_json(listing) : as_text(listing));
}

}  // namespace

ExitCode validate_command(const CommandContext& context) {
  const Config& config = context.config;
  for (const std::string& advice : advice_on(config)) fmt::print(stderr, "baton: warning: {}\n", advice);
  if (context.json) {
    Listing listing{{"job", "schedule", "steps"}, {}};
    for (const JobConfig& job : config.jobs) {
      listing.rows.push_back({job.name.value, to_text(*job.schedule), static_cast<std::int64_t>(job.steps.size())});
    }
    fmt::print("{}", as_json(listing));
    return ExitCode::done;
  }
  fmt::print("{} is valid: {} job{}, {} connection{}, repository {}\n", config.file, config.jobs.size(),
             config.jobs.size() == 1 ? "" : "s", config.connections.size(), config.connections.size() == 1 ? "" : "s",
             config.repository.database.shown);
  return ExitCode::done;
}

ExitCode history_command(const CommandContext& context, const std::optional<std::string>& job, std::int64_t limit) {
  if (const Status supported = context.stores.check_supported(); !supported) return report(supported.error());
  Listing listing{{"execution_id", "instance_id", "job", "status", "started_at", "ended_at", "duration_ms", "read",
                   "written", "filtered", "rejected", "reason", "missed", "ended_by", "replica", "message"},
                  {}};
  const auto repository = context.stores.find_repository(RepositoryAccess::read_only);
  if (!repository) return report(repository.error());
  if (*repository != nullptr) {
    const auto runs = (*repository)->executions().history(job, limit);
    if (!runs) return report(runs.error());
    for (const JobExecution& run : *runs) {
      std::vector<Value> row;
      row.emplace_back(run.id);
      row.emplace_back(run.instance_id);
      row.emplace_back(run.job);
      const std::vector<Value> values = execution_values(run, context.clock.wall_now());
      row.insert(row.end(), values.begin(), values.end());
      row.insert(row.end(), {run.fence ? Value(std::string(name(run.reason))) : Value(), run.missed});
      row.push_back(ended_by_value(run));
      row.emplace_back(text_value(run.replica));
      row.emplace_back(text_value(run.exit.description));
      listing.rows.push_back(std::move(row));
    }
  }
  // A job that was taken out of the configuration has a past too.
  if (job && listing.rows.empty()) {
    if (const auto known = find_job(context.config, *job); !known) return report_usage(known.error());
  }
  print(context, listing);
  return ExitCode::done;
}

}  // namespace baton

#include "app/build_steps.h"
#include "app/commands.h"
#include "app/listing.h"
#include "sqlite/lock_holder.h"
#include "sqlite/repository.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

Value time_value(const std::optional<WallTime>& time) { return time ? Value(rfc3339(*time)) : Value(); }

Value ended_by_value(const JobExecution& run) {
  Value value;
  if (!is_running(run.status)) value = std::string(name(run.ended_by));
  return value;
}

Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

void print(const CommandContext& context, const Listing& listing) {
  fmt::print("{}", context.json ? as_json(listing) : as_text(listing));
}

// The holder of each job's lease, as recorded now. Whether a silent holder is still alive, only time tells (P2).
Result<std::map<std::string, LeaseRecord>> holders(const CommandContext& context) {
  std::map<std::string, LeaseRecord> held;
  if (!context.stores.lease_store_exists()) return held;
  BATON_TRY(const auto store, context.stores.lease_store());
  BATON_TRY(const auto records, store->list(*context.config.locks.heartbeat));
  for (const LeaseRecord& record : records) {
    if (!record.released) held.emplace(record.key, record);
  }
  return held;
}

// A process that was stopped inside a transaction holds up all writers of that file: people need its id (P9).
void name_writers(const CommandContext& context) {
  for (const std::string& path : context.stores.database_paths()) {
    if (const auto process = sqlite_write_lock_holder(path)) {
      fmt::print(stderr, "{}: process {} is in a write transaction now; if it stays there, let it go on or end it\n",
                 path, *process);
    }
  }
}

std::vector<Value> execution_values(const JobExecution& execution, WallTime now) {
  const StepCounts counts = execution.counts();
  Value duration;
  if (execution.started) {
    const auto took = execution.ended.value_or(now) - *execution.started;
    duration = std::int64_t{std::chrono::duration_cast<Duration>(took).count()};
  }
  return {std::string(name(execution.status)),
          time_value(execution.started),
          time_value(execution.ended),
          duration,
          counts.records(),
          counts.write,
          counts.filter,
          counts.rejected()};
}

}  // namespace

ExitCode validate_command(const CommandContext& context) {
  const Config& config = context.config;
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

ExitCode status_command(const CommandContext& context) {
  if (const Status supported = context.stores.check_supported(); !supported) return report(supported.error());
  const auto held = holders(context);
  if (!held) return report(held.error());
  std::map<std::string, JobExecution> last;
  if (context.stores.repository_exists()) {
    const auto connection = context.stores.repository(RepositoryAccess::read_only);
    if (!connection) return report(connection.error());
    SqliteExecutions executions(**connection, context.clock, ContextFormat::none);
    for (const JobConfig& job : context.config.jobs) {
      const auto runs = executions.history(job.name.value, 1);
      if (!runs) return report(runs.error());
      if (!runs->empty()) last.emplace(job.name.value, runs->front());
    }
  }
  Listing listing{{"job", "schedule", "owner", "last_status", "started_at", "ended_at", "duration_ms", "read",
                   "written", "filtered", "rejected"},
                  {}};
  for (const JobConfig& job : context.config.jobs) {
    const auto owner = held->find(job.name.value);
    std::vector<Value> row{job.name.value, to_text(*job.schedule),
                           owner == held->end() ? Value() : Value(owner->second.owner_name)};
    const auto run = last.find(job.name.value);
    if (run == last.end()) {
      row.insert(row.end(), 8, Value());
    } else {
      const std::vector<Value> values = execution_values(run->second, context.clock.wall_now());
      row.insert(row.end(), values.begin(), values.end());
    }
    listing.rows.push_back(std::move(row));
  }
  print(context, listing);
  name_writers(context);
  return ExitCode::done;
}

ExitCode history_command(const CommandContext& context, const std::optional<std::string>& job, std::int64_t limit) {
  if (const Status supported = context.stores.check_supported(); !supported) return report(supported.error());
  Listing listing{{"execution_id", "instance_id", "job", "status", "started_at", "ended_at", "duration_ms", "read",
                   "written", "filtered", "rejected", "reason", "missed", "ended_by", "replica", "message"},
                  {}};
  if (context.stores.repository_exists()) {
    const auto connection = context.stores.repository(RepositoryAccess::read_only);
    if (!connection) return report(connection.error());
    SqliteExecutions executions(**connection, context.clock, ContextFormat::none);
    const auto runs = executions.history(job, limit);
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
      row.emplace_back(text_or_null(run.replica));
      row.emplace_back(text_or_null(run.exit.description));
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

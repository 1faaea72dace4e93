#include "app/commands.h"
#include "app/listing.h"
#include "app/run_once.h"
#include "app/run_replica.h"
#include "app/signals.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

Listing listing_of(const std::vector<OnceReport>& reports) {
  Listing listing{{"job", "status", "execution_id", "instance_id", "read", "written", "filtered", "rejected",
                   "duration_ms", "rows_per_second", "exit_code", "message"},
                  {}};
  for (const OnceReport& report : reports) {
    std::vector<Value> row{report.job};
    if (report.execution) {
      const StepCounts counts = report.execution->counts();
      const double seconds = std::max(0.001, static_cast<double>(report.elapsed.count()) / 1'000.0);
      row.insert(row.end(),
                 {std::string(name(report.execution->status)), report.execution->id, report.execution->instance_id,
                  counts.records(), counts.write, counts.filter, counts.rejected(),
                  std::int64_t{report.elapsed.count()}, static_cast<double>(counts.records()) / seconds});
    } else {
      row.insert(row.end(), 9, Value());
    }
    row.emplace_back(static_cast<std::int64_t>(report.code));
    row.emplace_back(report.message.empty() ? Value() : Value(report.message));
    listing.rows.push_back(std::move(row));
  }
  return listing;
}

Result<OnceRequest> request_of(const Config& config, const RunArguments& arguments, OnceAction action) {
  OnceRequest request;
  request.action = action;
  request.wait = arguments.wait;
  for (const std::string& item : arguments.items) {
    if (item.find('=') != std::string::npos) {
      auto parsed = parse_job_parameter(item);
      if (!parsed) {
        const bool names_it = parsed.error().message.find(item) != std::string::npos;
        return fail(ErrorKind::invalid, (names_it ? "" : "'" + item + "': ") + parsed.error().message);
      }
      JobParameter& parameter = *parsed;
      if (parameter.name == "run.id" || parameter.name == "baton.due") {
        return fail(ErrorKind::invalid, fmt::format("'{}': {} is Baton's own parameter", item, parameter.name));
      }
      request.parameters.push_back(std::move(parameter));
      continue;
    }
    BATON_TRY(const JobConfig* job, find_job(config, item));
    if (std::find(request.jobs.begin(), request.jobs.end(), job) == request.jobs.end()) request.jobs.push_back(job);
  }
  if (!request.jobs.empty()) return request;
  const auto none = find_job(config, "");
  return fail(ErrorKind::invalid, "name at least one job; " + none.error().message);
}

ExitCode run_jobs(const CommandContext& context, const RunArguments& arguments, OnceAction action) {
  const auto request = request_of(context.config, arguments, action);
  if (!request) return report_usage(request.error());
  const Signals signals(context.config.shutdown_grace);
  const std::stop_callback say(signals.stop(), [&] {
    context.log.warn("stopping at the next chunk; a second signal ends the program at once");
  });
  const auto reports =
      run_once(context.config, *request, context.stores, context.clock, context.random, context.log, signals.stop());
  if (!reports) return report(reports.error());
  ExitCode code = ExitCode::done;
  for (const OnceReport& one : *reports) {
    code = worst(code, one.code);
    if (!one.message.empty()) context.log.error(fmt::format("{}: {}", one.job, one.message));
    if (!context.json) fmt::print("{}\n", summary_line(one));
  }
  if (context.json) fmt::print("{}", as_json(listing_of(*reports)));
  return code;
}

}  // namespace

ExitCode run_once_command(const CommandContext& context, const RunArguments& arguments) {
  return run_jobs(context, arguments, OnceAction::run);
}

ExitCode run_command(const CommandContext& context, const RunArguments& arguments) {
  if (!arguments.items.empty() || arguments.wait) {
    return report_usage(Error{ErrorKind::invalid,
                              "without --once a replica runs every job of the configuration when it is due: "
                              "baton run, or baton run --once JOB…"});
  }
  const Signals signals(context.config.shutdown_grace);
  const std::stop_callback say(signals.stop(), [&] {
    context.log.warn("stopping every run at its next chunk and releasing every job; a second signal ends it at once");
  });
  return run_replica_until(context, signals.stop());
}

ExitCode restart_command(const CommandContext& context, const RunArguments& arguments) {
  return run_jobs(context, arguments, OnceAction::restart);
}

ExitCode abandon_command(const CommandContext& context, const RunArguments& arguments) {
  return run_jobs(context, arguments, OnceAction::abandon);
}

}  // namespace baton

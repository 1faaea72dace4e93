#include "app/commands.h"
#include "app/job_items.h"
#include "app/run_once.h"
#include "app/run_replica.h"
#include "app/signals.h"
#include "runtime/open_files.h"

namespace baton {
namespace {

Result<OnceRequest> request_of(const Config& config, const RunArguments& arguments, OnceAction action) {
  BATON_TRY(JobItems items, parse_job_items(config, arguments.items));
  return OnceRequest{action, std::move(items.jobs), std::move(items.parameters), arguments.wait, arguments.from_start};
}

ExitCode run_jobs(const CommandContext& context, const RunArguments& arguments, OnceAction action) {
  const auto request = request_of(context.config, arguments, action);
  if (!request) return report_usage(request.error());
  raise_open_files_limit();
  const Signals signals(context.config.shutdown_grace);
  const std::stop_callback say(signals.stop(), [&] {
    context.log.warn("stopping: what runs here stops at its next chunk; a second signal ends the program at once");
  });
  const auto reports = run_once(context.config, *request, context.stores, context.clock, context.random, context.log,
                                context.natives, signals.stop());
  if (!reports) return report(reports.error());
  return print_reports(context, *reports);
}

}  // namespace

ExitCode run_once_command(const CommandContext& context, const RunArguments& arguments) {
  return run_jobs(context, arguments, OnceAction::run);
}

ExitCode run_command(const CommandContext& context, const RunArguments& arguments) {
  if (!arguments.items.empty() || arguments.wait || arguments.from_start) {
    return report_usage(Error{ErrorKind::invalid,
                              "without --once a replica runs every job of the configuration when it is due: "
                              "baton run, or baton run --once JOB…"});
  }
  raise_open_files_limit();
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

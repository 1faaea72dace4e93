// pause, resume, trigger, stop: what people ask of jobs, whoever owns them.
#include "app/ask_owner.h"
#include "app/commands.h"
#include "app/job_items.h"
#include "app/lease_store_check.h"
#include "app/listing_values.h"
#include "app/person.h"
#include "app/signals.h"
#include "batch/request_rules.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

// The execution that is under way now; empty where none is.
Result<std::optional<JobExecution>> running_execution(Executions& executions, const std::string& job) {
  BATON_TRY(std::vector<JobExecution> newest, executions.history(job, 1));
  if (newest.empty() || !is_running(newest.front().status)) return std::optional<JobExecution>();
  return std::optional(std::move(newest.front()));
}

struct Asked {
  std::string id;
  std::optional<std::string> owner;
  std::optional<JobExecution> running;
  bool by_another = false;  // the same was asked for before and is pending
};

Result<Asked> ask_to_run(OwnerDesk& desk, const std::string& job, const JobParameters& parameters, bool even_paused) {
  Asked asked;
  BATON_TRY(asked.owner, desk.owner(job));
  BATON_TRY(asked.running, running_execution(desk.executions(), job));
  JobRequest request = desk.make_request(RequestKind::run, parameters);
  request.even_paused = even_paused;
  const Result<std::string> id = desk.ask(job, request);
  if (!id) {
    Error error = id.error();
    BATON_TRY(const bool paused, desk.paused(job));
    if (error.kind == ErrorKind::invalid && paused) error.message += ", --even-paused runs it once all the same";
    return fail(std::move(error));
  }
  asked.id = *id;
  asked.by_another = *id != request.id;
  return asked;
}

std::string what_is_next(const std::string& job, const Asked& asked) {
  const std::string before = asked.by_another ? "it was asked for before and has not begun; " : "";
  if (asked.running && asked.owner) {
    return fmt::format("{}: {}execution {} runs on {}, one more run follows it", job, before, asked.running->id,
                       *asked.owner);
  }
  if (asked.owner) return fmt::format("{}: {}replica {} owns it and runs it now", job, before, *asked.owner);
  return fmt::format("{}: {}no live replica owns it: it runs when one does", job, before);
}

ExitCode follow_triggered(const CommandContext& context, OwnerDesk& desk, const JobConfig& job, const Asked& asked) {
  context.log.info(what_is_next(*job.name, asked));
  const Signals signals(context.config.shutdown_grace);
  return print_reports(context, {desk.follow(job, asked.id, signals.stop())});
}

void print_triggered(const CommandContext& context, const std::string& job, const Asked& asked) {
  if (!context.json) {
    fmt::print("{}\n", what_is_next(job, asked));
    return;
  }
  Value running;
  if (asked.running) running = asked.running->id;
  fmt::print("{}", as_json({{"job", "request_id", "owner", "running_execution_id", "asked_before"},
                            {{job, asked.id, asked.owner ? Value(*asked.owner) : Value(), running,
                              std::string(asked.by_another ? "yes" : "no")}}}));
}

// A load ends between two chunks; other work is cancelled.
std::string how_it_stops(const JobConfig& job, const std::optional<JobExecution>& running) {
  const auto is_under_way = [](const StepExecution& step) { return is_running(step.status); };
  if (!running) return "is stopping";
  const auto under_way = std::find_if(running->steps.begin(), running->steps.end(), is_under_way);
  if (under_way == running->steps.end()) return "stops before its next step";
  for (const StepConfig& step : job.steps) {
    if (*step.name != under_way->name || std::holds_alternative<LoadConfig>(step.work)) continue;
    return fmt::format("stops now: its step \"{}\" is cancelled", *step.name);
  }
  return "stops at its next chunk";
}

std::string then_it_goes_on(const CommandContext& context, const std::string& job) {
  const Schedule& schedule = *context.config.job(job)->schedule;
  if (schedule.is_manual()) return fmt::format("baton restart {} carries it on", job);
  return fmt::format(
      "it goes on at its next due time ({0}), baton restart {1} carries it on now, baton pause {1} keeps "
      "it stopped",
      to_text(schedule), job);
}

ExitCode refuse(const std::string& message) {
  fmt::print(stderr, "baton: {}\n", message);
  return ExitCode::job_failed;
}

}  // namespace

ExitCode pause_command(const CommandContext& context, const PauseArguments& arguments) {
  if (const Status supported = context.stores.check_supported(); !supported) return report(supported.error());
  const std::string& job = arguments.job;
  if (const auto known = find_job(context.config, job); !known) return report_usage(known.error());
  if (arguments.length && arguments.length->count() == 0) {
    return report_usage(
        {ErrorKind::invalid, "--for 0ms pauses nothing: a duration above 0 is expected, as in --for 2h"});
  }
  if (const Status same = check_lease_store(context.config, context.stores); !same) return report(same.error());
  const auto repository = context.stores.repository(RepositoryAccess::create);
  if (!repository) return report(repository.error());
  Pause pause{person(), arguments.reason, context.clock.wall_now(), std::nullopt};
  if (arguments.length) pause.until = pause.since + *arguments.length;
  if (const Status paused = (*repository)->control().pause(job, pause); !paused) return report(paused.error());
  const auto running = running_execution((*repository)->executions(), job);
  if (!running) return report(running.error());
  if (context.json) {
    Value execution;
    if (*running) execution = (*running)->id;
    fmt::print("{}",
               as_json({{"job", "paused_by", "pause_reason", "paused_since", "paused_until", "running_execution_id"},
                        {{job, pause.by, text_value(pause.reason), time_value(pause.since), time_value(pause.until),
                          execution}}}));
    return ExitCode::done;
  }
  fmt::print("{} is {}\n", job, to_text(pause));
  if (*running) fmt::print("its execution {} is under way and goes on to its end\n", (*running)->id);
  return ExitCode::done;
}

ExitCode resume_command(const CommandContext& context, const std::string& job) {
  if (const Status supported = context.stores.check_supported(); !supported) return report(supported.error());
  if (const auto known = find_job(context.config, job); !known) return report_usage(known.error());
  if (const Status same = check_lease_store(context.config, context.stores); !same) return report(same.error());
  bool was_paused = false;
  const auto repository = context.stores.find_repository(RepositoryAccess::existing);
  if (!repository) return report(repository.error());
  if (*repository != nullptr) {
    const auto resumed = (*repository)->control().resume(job);
    if (!resumed) return report(resumed.error());
    was_paused = *resumed;
  }
  if (context.json) {
    fmt::print("{}", as_json({{"job", "answer"}, {{job, std::string(was_paused ? "resumed" : "not_paused")}}}));
  }
  if (!was_paused) return refuse(fmt::format("\"{}\" is not paused", job));
  if (!context.json) fmt::print("{} is resumed; if a time was missed, it is due now, once\n", job);
  return ExitCode::done;
}

ExitCode trigger_command(const CommandContext& context, const TriggerArguments& arguments) {
  if (const Status supported = context.stores.check_supported(); !supported) return report(supported.error());
  const auto items = parse_job_items(context.config, arguments.items);
  if (!items) return report_usage(items.error());
  if (items->jobs.size() > 1) return report_usage({ErrorKind::invalid, "trigger asks for one job; name one"});
  const JobConfig& job = *items->jobs.front();
  if (const Status same = check_lease_store(context.config, context.stores); !same) return report(same.error());
  const auto leases = context.stores.lease_store();
  if (!leases) return report(leases.error());
  const auto desk =
      OwnerDesk::open(context.config, context.stores, **leases, context.clock, context.random, context.log);
  if (!desk) return report(desk.error());
  const auto asked = ask_to_run(**desk, *job.name, items->parameters, arguments.even_paused);
  if (!asked) {
    if (asked.error().kind == ErrorKind::invalid) return refuse(asked.error().message);
    return report(asked.error());
  }
  if (arguments.wait) return follow_triggered(context, **desk, job, *asked);
  print_triggered(context, *job.name, *asked);
  return ExitCode::done;
}

ExitCode stop_command(const CommandContext& context, const std::string& job) {
  if (const Status supported = context.stores.check_supported(); !supported) return report(supported.error());
  if (const auto known = find_job(context.config, job); !known) return report_usage(known.error());
  if (const Status same = check_lease_store(context.config, context.stores); !same) return report(same.error());
  StopAnswer answer = StopAnswer::not_needed;
  std::optional<JobExecution> running;
  const auto repository = context.stores.find_repository(RepositoryAccess::existing);
  if (!repository) return report(repository.error());
  if (*repository != nullptr) {
    const auto asked = (*repository)->control().request_stop(job, person());
    if (!asked) return report(asked.error());
    answer = *asked;
    if (answer == StopAnswer::stopping) {
      auto found = running_execution((*repository)->executions(), job);
      if (!found) return report(found.error());
      running = *std::move(found);
    }
  }
  if (context.json) {
    const char* word = answer == StopAnswer::stopping   ? "stopping"
                       : answer == StopAnswer::recorded ? "recorded"
                                                        : "none";
    fmt::print("{}", as_json({{"job", "answer"}, {{job, std::string(word)}}}));
  }
  if (answer == StopAnswer::not_needed) return refuse(fmt::format("\"{}\" has no unfinished run to stop", job));
  if (context.json) return ExitCode::done;
  if (answer == StopAnswer::stopping) {
    fmt::print("{} {}; {}\n", job, how_it_stops(*context.config.job(job), running), then_it_goes_on(context, job));
  } else {
    fmt::print("{} does not run now, and the next launch does not carry its unfinished run on; {}\n", job,
               then_it_goes_on(context, job));
  }
  return ExitCode::done;
}

}  // namespace baton

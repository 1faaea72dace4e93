// The commands: each prints its answer to standard output and returns the program's exit code.
#pragma once

#include "app/exit_code.h"
#include "app/log.h"
#include "app/native_parts.h"
#include "app/stores.h"
#include "config/config.h"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace baton {

// What every command of a configuration needs.
struct CommandContext {
  const Config& config;
  Stores& stores;
  Clock& clock;
  Random& random;
  Log& log;
  const NativeParts& natives;
  bool json = false;
};

struct RunArguments {
  std::vector<std::string> items;  // jobs, and k=v parameters among them
  std::optional<Duration> wait;
  bool from_start = false;
};

struct PauseArguments {
  std::string job;
  std::string reason;
  std::optional<Duration> length;  // above 0; absent: until it is resumed
};

struct TriggerArguments {
  std::vector<std::string> items;  // one job, and k=v parameters
  bool wait = false;               // follow the run to its end
  bool even_paused = false;
};

struct RejectArguments {
  std::optional<std::string> job;
  std::optional<std::int64_t> execution;
  std::int64_t limit = 100;
  std::string format = "jsonl";  // jsonl | raw
  std::optional<std::string> output;
};

struct HealthArguments {
  bool live = false;  // liveness instead of readiness
  Duration timeout{5'000};
};

ExitCode run_command(const CommandContext& context, const RunArguments& arguments);
ExitCode run_once_command(const CommandContext& context, const RunArguments& arguments);
ExitCode restart_command(const CommandContext& context, const RunArguments& arguments);
ExitCode abandon_command(const CommandContext& context, const RunArguments& arguments);
// Makes what stores and databases lack, also where `repository.migrate` is `never`: that is for `run`.
ExitCode migrate_command(const CommandContext& context);
ExitCode validate_command(const CommandContext& context);
// What stands in the way of the configuration's jobs, as far as a look can tell; nothing is changed.
ExitCode doctor_command(const CommandContext& context);
// Of these jobs, all where none is named, and then also what locks in DynamoDB cost; nothing is changed. Without
// `replicas` as many as own all jobs.
ExitCode plan_command(const CommandContext& context, const std::vector<std::string>& jobs,
                      std::optional<std::int64_t> replicas);
// With `watch`: looks again and again until SIGINT or SIGTERM.
ExitCode status_command(const CommandContext& context, bool watch);
// Open ones first, then the others, newest first.
ExitCode alerts_command(const CommandContext& context, std::int64_t limit);
ExitCode explain_command(const CommandContext& context, const std::string& job);
ExitCode history_command(const CommandContext& context, const std::optional<std::string>& job, std::int64_t limit);
ExitCode pause_command(const CommandContext& context, const PauseArguments& arguments);
ExitCode resume_command(const CommandContext& context, const std::string& job);
ExitCode trigger_command(const CommandContext& context, const TriggerArguments& arguments);
ExitCode stop_command(const CommandContext& context, const std::string& job);
ExitCode rejects_list_command(const CommandContext& context, const RejectArguments& arguments);
ExitCode rejects_export_command(const CommandContext& context, const RejectArguments& arguments);

// Asks the replica that listens at server.listen. `job_failed` where it is not well, `for_now` where nothing answers.
ExitCode health_command(const CommandContext& context, const HealthArguments& arguments);

// Writes the error to standard error and returns its exit code.
ExitCode report(const Error& error);

// The same for what the command line got wrong.
ExitCode report_usage(const Error& error);

// The job of that name; `invalid`, with the names there are, if there is none.
Result<const JobConfig*> find_job(const Config& config, const std::string& name);

// RFC 3339 in UTC with milliseconds.
std::string rfc3339(WallTime time);

}  // namespace baton

// What became of one job of a command that runs it once, and how it is told.
#pragma once

#include "app/commands.h"
#include "batch/execution.h"

#include <optional>
#include <string>
#include <vector>

namespace baton {

struct OnceReport {
  std::string job;
  ExitCode code = ExitCode::done;
  std::optional<JobExecution> execution;
  Duration elapsed{0};
  std::string message;
};

// Of a run that ended: done, failed, or stopped for now.
ExitCode exit_code(const JobExecution& execution);

// read, written, filtered, rejected, seconds, rows/s: the line with which a run ends.
std::string summary_line(const OnceReport& report);

// Prints them as lines or as JSON, logs their messages, and returns the worst exit code.
ExitCode print_reports(const CommandContext& context, const std::vector<OnceReport>& reports);

}  // namespace baton

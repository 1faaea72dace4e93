#include "app/commands.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {

ExitCode report(const Error& error) {
  fmt::print(stderr, "baton: {}\n", error.message);
  return exit_code(error);
}

ExitCode report_usage(const Error& error) {
  report(error);
  return ExitCode::wrong_usage;
}

Result<const JobConfig*> find_job(const Config& config, const std::string& name) {
  if (const JobConfig* job = config.job(name)) return job;
  const auto& monitors = config.monitoring.monitors;
  if (std::any_of(monitors.begin(), monitors.end(), [&](const auto& monitor) { return *monitor.name == name; })) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: \"{}\" is a global monitor, not a job: `baton alerts` lists what it found",
                            config.file, name));
  }
  std::string known;
  for (const JobConfig& job : config.jobs) known += (known.empty() ? "" : ", ") + job.name.value;
  return fail(ErrorKind::invalid, fmt::format("{} has no job \"{}\"; its jobs are: {}", config.file, name, known));
}

std::string rfc3339(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(time - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

}  // namespace baton

#include "app/job_items.h"

#include "app/commands.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

Result<JobParameter> parse_item(const std::string& item) {
  auto parameter = parse_job_parameter(item);
  if (!parameter) {
    const bool names_it = parameter.error().message.find(item) != std::string::npos;
    return fail(ErrorKind::invalid, (names_it ? "" : "'" + item + "': ") + parameter.error().message);
  }
  if (parameter->name == "run.id" || parameter->name == "baton.due") {
    return fail(ErrorKind::invalid, fmt::format("'{}': {} is Baton's own parameter", item, parameter->name));
  }
  return parameter;
}

}  // namespace

Result<JobItems> parse_job_items(const Config& config, const std::vector<std::string>& items) {
  JobItems parsed;
  for (const std::string& item : items) {
    if (item.find('=') != std::string::npos) {
      BATON_TRY(JobParameter parameter, parse_item(item));
      parsed.parameters.push_back(std::move(parameter));
      continue;
    }
    BATON_TRY(const JobConfig* job, find_job(config, item));
    if (std::find(parsed.jobs.begin(), parsed.jobs.end(), job) == parsed.jobs.end()) parsed.jobs.push_back(job);
  }
  if (!parsed.jobs.empty()) return parsed;
  std::string known;
  for (const JobConfig& job : config.jobs) known += (known.empty() ? "" : ", ") + job.name.value;
  return fail(ErrorKind::invalid, fmt::format("name at least one job; those of {} are: {}", config.file, known));
}

}  // namespace baton

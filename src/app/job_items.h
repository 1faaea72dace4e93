// Jobs and parameters as they stand side by side on the command line.
#pragma once

#include "batch/job_parameters.h"
#include "config/config.h"

#include <string>
#include <vector>

namespace baton {

struct JobItems {
  std::vector<const JobConfig*> jobs;  // at least one, each once
  JobParameters parameters;
};

// `invalid` names the item, and for an unknown job the known ones.
Result<JobItems> parse_job_items(const Config& config, const std::vector<std::string>& items);

}  // namespace baton

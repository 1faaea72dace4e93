// Parameters of a request, as job repositories keep them in one column: a JSON array of name, type, value, identifying.
#pragma once

#include "batch/job_parameters.h"

#include <string>

namespace baton {

std::string parameters_text(const JobParameters& parameters);

// `invalid` for a text that parameters_text did not make; `job` is named in the message.
Result<JobParameters> parameters_from(const std::string& job, const std::string& text);

}  // namespace baton

// Job parameters as Spring Batch 5 and 6 store and hash them.
// Source: facts on DefaultJobKeyGenerator and on the repository's converters, 5.2.6 and 6.0.4.
#pragma once

#include "baton/job_run.h"
#include "baton/result.h"

#include <string>
#include <string_view>

namespace baton {

// "Long" or "java.lang.Long" → "java.lang.Long"; `invalid` for a type that Spring's repository cannot read back.
Result<std::string> java_class(std::string_view type);

// `value` in the stored form of `type` (a Java class): "1e10" as Double becomes "1.0E10", "10:15" as LocalTime
// "10:15:00". `invalid` if it is none.
Result<std::string> stored_value(std::string_view type, std::string_view value);

// name=value[,type[,identifying]], as on Spring's command line.
Result<JobParameter> parse_job_parameter(std::string_view text);

// Which generation of Spring Batch wrote the key: 5.x separates the parameters, 6.x does not.
enum class JobKeyFormat { spring_batch_5, spring_batch_6 };

// JOB_KEY: MD5 over the identifying parameters in the order of their names, 32 lower-case hexadecimal digits.
std::string job_key(const JobParameters& parameters, JobKeyFormat format);

}  // namespace baton

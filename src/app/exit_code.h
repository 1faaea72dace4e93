// The program's exit codes, as scripts and Kubernetes see them.
#pragma once

#include "baton/error.h"

namespace baton {

enum class ExitCode : int {
  done = 0,
  job_failed = 1,  // or refused
  wrong_usage = 2,
  for_now = 75,  // a store is unreachable, a lease not had, stopped by a signal: the same call may succeed later
  wrong_config = 78,
};

// For an error outside of any job.
ExitCode exit_code(const Error& error);

// The one that tells most about several jobs: wrong configuration, then failed, then for now.
ExitCode worst(ExitCode a, ExitCode b);

}  // namespace baton

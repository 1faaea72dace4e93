// What may be done to a job repository that is opened.
#pragma once

#include "batch/contexts.h"
#include "batch/job_parameters.h"
#include "config/config.h"

#include <optional>

namespace baton {

enum class RepositoryAccess {
  create,     // made where it is missing, upgraded where it is older
  existing,   // `invalid` where it is missing, upgraded where it is older
  read_only,  // never written to; `invalid` where it is missing or older
};

ContextFormat context_format(Contexts contexts);

// The generation that the configuration asks for; empty: what is there.
std::optional<JobKeyFormat> spring_batch_wanted(SpringBatch spring_batch);

}  // namespace baton

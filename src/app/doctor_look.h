// The facts that `baton doctor` collects from databases, files and the configuration; nothing is changed.
#pragma once

#include "app/doctor_findings.h"
#include "app/native_parts.h"
#include "app/stores.h"

#include <vector>

namespace baton {

// In order: databases, tables, jobs.
std::vector<Finding> look_around(const Config& config, const Stores& stores, const NativeParts& natives,
                                 const Clock& clock);

}  // namespace baton

// What several listings say in the same way.
#pragma once

#include "app/listing.h"
#include "batch/execution.h"

#include <optional>
#include <string>
#include <vector>

namespace baton {

Value time_value(const std::optional<WallTime>& time);

// Absent where it is empty.
Value text_value(const std::string& text);

// status, started_at, ended_at, duration_ms (so far, of a run that goes on), read, written, filtered, rejected.
std::vector<Value> execution_values(const JobExecution& execution, WallTime now);

}  // namespace baton

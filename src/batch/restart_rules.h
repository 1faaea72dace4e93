// P10: what the next launch of a job is. Decisions as functions of values.
#pragma once

#include "batch/execution.h"

#include <optional>
#include <string>
#include <vector>

namespace baton {

// True until the instance ends by COMPLETED or ABANDONED.
bool is_unfinished(const InstanceState& instance);

// Orphaned executions in a row, newest first, that committed nothing: a sign of work that kills its process.
int orphans_without_progress(const InstanceState& instance);

inline constexpr int max_orphans_without_progress = 3;

// Rows that all executions of the instance together committed in `step`.
std::int64_t rows_written(const InstanceState& instance, const std::string& step);

// The name of a step that committed rows in this unfinished instance, did not complete, and is not among `steps`: it
// was renamed or taken out of the configuration.
std::optional<std::string> vanished_step(const InstanceState& instance, const std::vector<std::string>& steps);

// The id of the newest execution of `step` that is another program's (Java's), 0 if there is none.
std::int64_t newest_foreign_step(const InstanceState& instance, const std::string& step);

// COMPLETED steps are skipped when an instance is carried on.
bool is_done(const InstanceState& instance, const std::string& step);

// The pause before restart number `restart` (from 1): `backoff`, doubling, at most 5 minutes.
Duration restart_backoff(Duration backoff, int restart);

}  // namespace baton

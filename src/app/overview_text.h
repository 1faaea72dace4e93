// An overview as lines for people.
#pragma once

#include "monitor/overview.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// A sentence of sums, a table of replicas, a table of jobs: first those that a person should look at. `now` by the
// repository's clock: what is written as "12 s ago" counts from there. No line ends. With `columns`, states are cut
// earlier so that the next starts and the last runs begin within so many; cut the lines with cut_line.
std::vector<std::string> overview_lines(const Overview& overview, WallTime now, bool colour,
                                        std::optional<std::size_t> columns = std::nullopt);

// "running load: 12000 read, 11000 written", "unowned: no capacity (4 jobs, 2 live tokens)".
std::string state_text(const JobOverview& job, WallTime now);

// "late 12 s", "stalled, failed 3 times"; empty where there is nothing of the kind.
std::string trouble_text(const JobOverview& job);

// "in 3 s (restart)", "after this run", "-".
std::string next_text(const JobOverview& job, WallTime now);

// "COMPLETED 12 s ago in 0.34 s: 32530 read, 32530 written".
std::string last_run_text(const JobOverview& job, WallTime now);

}  // namespace baton

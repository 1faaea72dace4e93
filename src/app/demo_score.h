// What the demo counts: which jobs completed before one of its replicas was killed, and after.
#pragma once

#include "batch/execution.h"
#include "monitor/overview.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace baton {

struct JobScore {
  std::int64_t before = 0;   // completed runs
  std::int64_t after = 0;    // of those launched after the kill
  std::string carried_on;    // the replica that ran it first after the kill
  Duration gap{0};           // from the kill to the launch of that run
  bool was_victims = false;  // the killed replica owned it
};

struct DemoScore {
  std::map<std::string, JobScore> jobs;
  bool killed = false;

  bool all_before() const;
  bool all_after() const;
};

// `executions` of this demo, in any order; `killed_at` by the repository's clock.
DemoScore demo_score(const std::vector<std::string>& jobs, const std::vector<JobExecution>& executions,
                     std::optional<WallTime> killed_at, const std::vector<std::string>& victims_jobs);

// The closing table; without a kill it has no before and after.
std::vector<std::string> score_lines(const DemoScore& score);

// One line for each job that did not complete, or not on both sides of a kill, and why, as `overview` says; empty
// where nothing is missing.
std::vector<std::string> missing_lines(const DemoScore& score, const Overview& overview);

}  // namespace baton

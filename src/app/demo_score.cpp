#include "app/demo_score.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {

bool DemoScore::all_before() const {
  return std::all_of(jobs.begin(), jobs.end(), [](const auto& one) { return one.second.before > 0; });
}

bool DemoScore::all_after() const {
  return std::all_of(jobs.begin(), jobs.end(), [](const auto& one) { return one.second.after > 0; });
}

DemoScore demo_score(const std::vector<std::string>& jobs, const std::vector<JobExecution>& executions,
                     std::optional<WallTime> killed_at, const std::vector<std::string>& victims_jobs) {
  DemoScore score;
  for (const std::string& job : jobs) score.jobs[job];
  for (const std::string& job : victims_jobs) score.jobs[job].was_victims = true;
  std::map<std::string, WallTime> first_after;
  for (const JobExecution& execution : executions) {
    const auto found = score.jobs.find(execution.job);
    if (found == score.jobs.end()) continue;
    JobScore& job = found->second;
    const bool completed = execution.status == BatchStatus::completed;
    if (!killed_at || execution.created < *killed_at) {
      job.before += completed ? 1 : 0;
      continue;
    }
    job.after += completed ? 1 : 0;
    const auto [first, is_new] = first_after.emplace(execution.job, execution.created);
    if (!is_new && first->second <= execution.created) continue;
    first->second = execution.created;
    job.carried_on = execution.replica;
    job.gap = std::chrono::duration_cast<Duration>(execution.created - *killed_at);
  }
  return score;
}

std::vector<std::string> score_lines(const DemoScore& score) {
  std::size_t width = 3;
  for (const auto& [name, job] : score.jobs) width = std::max(width, name.size());
  std::vector<std::string> lines{
      fmt::format("{:<{}}  completed before the kill  completed after  first run after the kill", "job", width)};
  for (const auto& [name, job] : score.jobs) {
    std::string after = "-";
    if (!job.carried_on.empty()) {
      after = fmt::format("{:.1f} s later by {}{}", static_cast<double>(job.gap.count()) / 1'000, job.carried_on,
                          job.was_victims ? " (it was the killed one's)" : "");
    }
    lines.push_back(fmt::format("{:<{}}  {:>25}  {:>15}  {}", name, width, job.before, job.after, after));
  }
  return lines;
}

}  // namespace baton

#include "app/demo_score.h"

#include "app/duration_words.h"
#include "app/overview_text.h"
#include "app/text_width.h"

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
  score.killed = killed_at.has_value();
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

namespace {

std::string why_missing(const JobOverview& job, WallTime now) {
  if (job.state == JobState::unowned) return job.reason;
  if (job.newest && is_running(job.newest->status)) return state_text(job, now);
  if (job.ended && job.ended->status == BatchStatus::failed) return "failed: " + job.ended->exit.description;
  if (job.schedule.is_manual() && !job.next.at) return "manual: it " + job.next.why_not;
  if (job.state != JobState::idle) return state_text(job, now);
  return job.next.at ? "its next start was " + from_now(*job.next.at, now) : job.next.why_not;
}

std::string missing_when(const JobScore& job, bool killed) {
  if (!killed) return "did not complete";
  if (job.before > 0) return "did not complete after the kill";
  return job.after > 0 ? "did not complete before the kill" : "did not complete";
}

}  // namespace

std::vector<std::string> missing_lines(const DemoScore& score, const Overview& overview) {
  std::vector<std::string> lines;
  for (const auto& [name, job] : score.jobs) {
    if (job.before > 0 && (job.after > 0 || !score.killed)) continue;
    const JobOverview* shown = overview.job(name);
    // What it is now says nothing about a time before the kill.
    const bool late = job.after > 0;
    const std::string why = shown == nullptr || late ? "" : ": " + why_missing(*shown, overview.now);
    lines.push_back(without_controls(fmt::format("{} {}{}", name, missing_when(job, score.killed), why)));
  }
  return lines;
}

std::vector<std::string> score_lines(const DemoScore& score) {
  std::size_t width = 3;
  for (const auto& [name, job] : score.jobs) width = std::max(width, name.size());
  if (!score.killed) {
    std::vector<std::string> lines{fmt::format("{:<{}}  completed", "job", width)};
    for (const auto& [name, job] : score.jobs) lines.push_back(fmt::format("{:<{}}  {:>9}", name, width, job.before));
    return lines;
  }
  std::vector<std::string> lines{
      fmt::format("{:<{}}  completed before the kill  completed after  first run after the kill", "job", width)};
  for (const auto& [name, job] : score.jobs) {
    std::string after = "-";
    if (!job.carried_on.empty()) {
      after = fmt::format("{:.1f} s later by {}{}", static_cast<double>(job.gap.count()) / 1'000, job.carried_on,
                          job.was_victims ? " (it was the killed one's)" : "");
    }
    lines.push_back(
        fmt::format("{:<{}}  {:>25}  {:>15}  {}", name, width, job.before, job.after, without_controls(after)));
  }
  return lines;
}

}  // namespace baton

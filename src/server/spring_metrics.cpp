#include "server/spring_metrics.h"

#include <algorithm>

namespace baton {
namespace {

using Runs = std::vector<const RunDurations*>;

Runs select(const MetricsSnapshot& snapshot, bool of_steps) {
  Runs selected;
  for (const RunDurations& run : snapshot.runs) {
    if (run.step.empty() != of_steps) selected.push_back(&run);
  }
  return selected;
}

// Micrometer names the exception's class; here a failure has a text and no class.
const char* error_of(const RunDurations& run) { return run.status == "FAILED" ? "failure" : "none"; }

// Of a job or a step.
template <class Part>
DurationSummary active(const Part& part) {
  return {part.running_for ? 1U : 0U, part.running_for.value_or(0), part.running_for.value_or(0)};
}

const DurationSummary& durations_of(const RunDurations* run) { return run->durations; }

}  // namespace

void add_spring_metrics(MetricFamilies& families, const MetricsSnapshot& snapshot) {
  families.timers("spring_batch_job_seconds", "Job executions that this replica ended.", select(snapshot, false),
                  durations_of, [](const RunDurations* run) {
                    return MetricLabels{{"error", error_of(*run)},
                                        {"spring_batch_job_name", run->job},
                                        {"spring_batch_job_status", run->status}};
                  });
  families.timers("spring_batch_step_seconds", "Step executions that this replica ended.", select(snapshot, true),
                  durations_of, [](const RunDurations* run) {
                    return MetricLabels{{"error", error_of(*run)},
                                        {"spring_batch_step_job_name", run->job},
                                        {"spring_batch_step_name", run->step},
                                        {"spring_batch_step_status", run->status}};
                  });
  // Spring Batch 5 keeps a meter with the first label, 6 has one with the second.
  families.timers("spring_batch_job_active_seconds", "Job executions under way in this replica.", snapshot.jobs,
                  active<JobMetrics>, [](const JobMetrics& job) {
                    return MetricLabels{{"spring_batch_job_active_name", job.job}, {"spring_batch_job_name", job.job}};
                  });
  families.timers("spring_batch_step_active_seconds", "Step executions under way in this replica.", snapshot.steps,
                  active<ActiveStep>, [](const ActiveStep& one) {
                    return MetricLabels{{"spring_batch_step_job_name", one.job}, {"spring_batch_step_name", one.step}};
                  });
  families.counter("spring_batch_job_launch_count_total", "Job executions that this replica launched.",
                   snapshot.launches);
}

}  // namespace baton

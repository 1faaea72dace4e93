#include "batch/restart_rules.h"

#include <algorithm>

namespace baton {

bool is_unfinished(const InstanceState& instance) {
  if (instance.executions.empty()) return true;
  const BatchStatus last = instance.executions.front().status;
  return last != BatchStatus::completed && last != BatchStatus::abandoned;
}

int orphans_without_progress(const InstanceState& instance) {
  int count = 0;
  for (const JobExecution& execution : instance.executions) {
    const bool progressed = std::any_of(execution.steps.begin(), execution.steps.end(), [](const StepExecution& step) {
      return step.status == BatchStatus::completed || step.counts.commit > 0;
    });
    if (execution.ended_by != EndedBy::orphaned || progressed) break;
    ++count;
  }
  return count;
}

const StepExecution* last_execution(const InstanceState& instance, const std::string& step) {
  const StepExecution* last = nullptr;
  for (const JobExecution& execution : instance.executions) {
    for (const StepExecution& candidate : execution.steps) {
      if (candidate.name == step && (last == nullptr || candidate.id > last->id)) last = &candidate;
    }
  }
  return last;
}

std::int64_t rows_written(const InstanceState& instance, const std::string& step) {
  std::int64_t rows = 0;
  for (const JobExecution& execution : instance.executions) {
    for (const StepExecution& one : execution.steps) rows += one.name == step ? one.counts.write : 0;
  }
  return rows;
}

const StepExecution* vanished_step(const InstanceState& instance, const std::vector<std::string>& steps) {
  for (const JobExecution& execution : instance.executions) {
    for (const StepExecution& one : execution.steps) {
      const bool known = std::find(steps.begin(), steps.end(), one.name) != steps.end();
      if (!known && one.counts.write > 0 && !is_done(instance, one.name)) return &one;
    }
  }
  return nullptr;
}

bool is_done(const InstanceState& instance, const std::string& step) {
  const StepExecution* last = last_execution(instance, step);
  return last != nullptr && (last->status == BatchStatus::completed || last->status == BatchStatus::abandoned);
}

Duration restart_backoff(Duration backoff, int restart) {
  constexpr Duration limit(300'000);
  for (int i = 1; i < restart && backoff < limit; ++i) backoff *= 2;
  return std::min(backoff, limit);
}

}  // namespace baton

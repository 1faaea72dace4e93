#include "batch/restart_rules.h"

#include <algorithm>

namespace baton {
namespace {

// Of the newest step execution of `step` in the instance.
std::optional<BatchStatus> last_status(const InstanceState& instance, const std::string& step) {
  const StepExecution* last = nullptr;
  for (const JobExecution& execution : instance.executions) {
    for (const StepExecution& candidate : execution.steps) {
      if (candidate.name == step && (last == nullptr || candidate.id > last->id)) last = &candidate;
    }
  }
  if (last != nullptr) return last->status;
  for (const StepTotals& older : instance.older.steps) {
    if (older.step == step) return older.last_status;
  }
  return std::nullopt;
}

}  // namespace

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

std::int64_t rows_written(const InstanceState& instance, const std::string& step) {
  std::int64_t rows = 0;
  for (const JobExecution& execution : instance.executions) {
    for (const StepExecution& one : execution.steps) rows += one.name == step ? one.counts.write : 0;
  }
  for (const StepTotals& older : instance.older.steps) rows += older.step == step ? older.rows_written : 0;
  return rows;
}

std::int64_t newest_foreign_step(const InstanceState& instance, const std::string& step) {
  std::int64_t newest = 0;
  for (const JobExecution& execution : instance.executions) {
    if (execution.fence) continue;
    for (const StepExecution& one : execution.steps) {
      if (one.name == step) newest = std::max(newest, one.id);
    }
  }
  return newest;
}

std::optional<std::string> vanished_step(const InstanceState& instance, const std::vector<std::string>& steps) {
  const auto vanished = [&](const std::string& step, std::int64_t written) {
    return written > 0 && std::find(steps.begin(), steps.end(), step) == steps.end() && !is_done(instance, step);
  };
  for (const JobExecution& execution : instance.executions) {
    for (const StepExecution& one : execution.steps) {
      if (vanished(one.name, one.counts.write)) return one.name;
    }
  }
  for (const StepTotals& older : instance.older.steps) {
    if (vanished(older.step, older.rows_written)) return older.step;
  }
  return std::nullopt;
}

bool is_done(const InstanceState& instance, const std::string& step) {
  const std::optional<BatchStatus> last = last_status(instance, step);
  return last == BatchStatus::completed || last == BatchStatus::abandoned;
}

Duration restart_backoff(Duration backoff, int restart) {
  constexpr Duration limit(300'000);
  for (int i = 1; i < restart && backoff < limit; ++i) backoff *= 2;
  return std::min(backoff, limit);
}

}  // namespace baton

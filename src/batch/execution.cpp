#include "batch/execution.h"

#include <array>

namespace baton {
namespace {

constexpr std::array<std::string_view, 4> ended_by_names{"itself", "person", "shutdown", "orphaned"};
constexpr std::array<std::string_view, 4> start_reason_names{"schedule", "restart", "carry_on", "request"};

}  // namespace

StepCounts& StepCounts::operator+=(const StepCounts& other) {
  commit += other.commit;
  read += other.read;
  filter += other.filter;
  write += other.write;
  read_skip += other.read_skip;
  process_skip += other.process_skip;
  write_skip += other.write_skip;
  rollback += other.rollback;
  return *this;
}

StepCounts& StepCounts::operator-=(const StepCounts& other) {
  commit -= other.commit;
  read -= other.read;
  filter -= other.filter;
  write -= other.write;
  read_skip -= other.read_skip;
  process_skip -= other.process_skip;
  write_skip -= other.write_skip;
  rollback -= other.rollback;
  return *this;
}

std::string_view name(EndedBy ended_by) { return ended_by_names[static_cast<std::size_t>(ended_by)]; }

EndedBy parse_ended_by(std::string_view text) {
  for (std::size_t i = 0; i < ended_by_names.size(); ++i) {
    if (ended_by_names[i] == text) return static_cast<EndedBy>(i);
  }
  return EndedBy::itself;
}

std::string_view name(StartReason reason) { return start_reason_names[static_cast<std::size_t>(reason)]; }

StartReason parse_start_reason(std::string_view text) {
  for (std::size_t i = 0; i < start_reason_names.size(); ++i) {
    if (start_reason_names[i] == text) return static_cast<StartReason>(i);
  }
  return StartReason::request;
}

StepCounts JobExecution::counts() const {
  StepCounts sum;
  for (const StepExecution& step : steps) sum += step.counts;
  return sum;
}

}  // namespace baton

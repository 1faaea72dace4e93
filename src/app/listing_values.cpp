#include "app/listing_values.h"

#include "app/commands.h"

namespace baton {

Value time_value(const std::optional<WallTime>& time) { return time ? Value(rfc3339(*time)) : Value(); }

Value text_value(const std::string& text) { return text.empty() ? Value() : Value(text); }

std::vector<Value> execution_values(const JobExecution& execution, WallTime now) {
  const StepCounts counts = execution.counts();
  Value duration;
  if (execution.started) {
    const auto took = execution.ended.value_or(now) - *execution.started;
    duration = std::int64_t{std::chrono::duration_cast<Duration>(took).count()};
  }
  return {std::string(name(execution.status)),
          time_value(execution.started),
          time_value(execution.ended),
          duration,
          counts.records(),
          counts.write,
          counts.filter,
          counts.rejected()};
}

}  // namespace baton

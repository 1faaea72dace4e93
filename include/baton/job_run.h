// The run that a part works for: what it is about, and what the part may ask while it lasts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

struct JobParameter {
  std::string name;
  std::string type = "java.lang.String";  // Java's class name
  std::string value;                      // as it is stored: ISO forms for dates and times
  bool identifying = true;

  friend bool operator==(const JobParameter&, const JobParameter&) = default;
};

using JobParameters = std::vector<JobParameter>;

// Any thread may read it and call what it holds, for as long as the step runs.
struct JobRun {
  std::string job;
  std::int64_t instance = 0;   // of the job: a run, however many executions it takes
  std::int64_t execution = 0;  // this one, as `baton history` numbers it
  std::string step;            // its name in the configuration
  // As `baton history` and Spring Batch know them: `run.id`, those of the configuration, those given on the command
  // line or with a request, and `baton.due` where a schedule began this execution. Each execution of a run has the same
  // but for `baton.due`.
  JobParameters parameters{};
  std::int64_t fence = 0;  // grows with each owner of the job: who stores it can refuse an older one's calls
  std::stop_token stop{};  // requested by a person, a shutdown, a timeout, or because the lease is lost

  // Tells whoever watches the run that it goes on: without it for as long as the job's `stall`, it counts as stalled.
  // Never empty.
  std::function<void()> progressed{};
  // False once the lease is not trusted any more: another replica may own the job, and begin the same work. Never
  // empty.
  std::function<bool()> still_owned{};

  // The value of a parameter; absent where the run has none of this name.
  std::optional<std::string> parameter(std::string_view name) const {
    for (const JobParameter& one : parameters) {
      if (one.name == name) return one.value;
    }
    return std::nullopt;
  }
};

}  // namespace baton

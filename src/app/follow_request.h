// Follows a request, which a replica is to answer, from outside to the end of the run.
#pragma once

#include "app/live_owner.h"
#include "app/log.h"
#include "batch/control.h"
#include "batch/executions.h"
#include "config/config.h"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace baton {

struct Followed {
  enum class End {
    run,         // `execution` is the last of the run
    text,        // answered without a run
    taken_back,  // nothing is known of the request: another command took it back
    pending,     // `stop` was requested before the request was answered
    unowned,     // still pending, and no live replica owns the job
    running,     // `stop` was requested while the run went on
    stuck        // the run is unfinished, and no live replica has carried it on for a while
  };
  End end = End::run;
  std::optional<JobExecution> execution;  // the newest of the run, with steps
  Duration elapsed{0};                    // of the run
  std::string text;
};

struct FollowSettings {
  std::string job;
  int restarts = 0;  // on_failure
  Duration backoff{0};
  Duration poll{200};
  // A pending request is left as `unowned` when no live replica has owned the job for so long; absent: it waits on.
  std::optional<Duration> unowned_after;
  Duration patience{0};  // with a store that is away, and with a run that nobody carries on
};

// Used by one thread. What is given outlives it.
class RequestFollower {
 public:
  RequestFollower(FollowSettings settings, Control& control, Executions& executions, LiveOwners& owners, Clock& clock,
                  Log& log, std::stop_token stop)
      : settings_(std::move(settings)),
        control_(control),
        executions_(executions),
        owners_(owners),
        clock_(clock),
        log_(log),
        stop_(std::move(stop)) {}

  Result<Followed> follow(const std::string& request);

 private:
  Result<Followed> follow_run(std::int64_t first);
  Result<bool> unowned_too_long(std::optional<Duration> limit);
  std::optional<Duration> more_to_come(const std::vector<JobExecution>& attempts) const;
  void say(const std::string& text);
  bool pause();
  template <class T>
  Result<T> patiently(const std::function<Result<T>()>& call);

  const FollowSettings settings_;
  Control& control_;
  Executions& executions_;
  LiveOwners& owners_;
  Clock& clock_;
  Log& log_;
  std::stop_token stop_;
  std::optional<Instant> unowned_since_;
  std::string said_;
};

}  // namespace baton

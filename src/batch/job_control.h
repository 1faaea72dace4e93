// What people and replicas ask of a job, as the job repository keeps it (P18, P20, P23).
#pragma once

#include "base/clock.h"
#include "batch/job_parameters.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baton {

struct Pause {
  std::string by;
  std::string reason;
  WallTime since{};
  std::optional<WallTime> until;  // then it ends by itself
};

enum class RequestKind {
  run,                // baton trigger, run --once
  restart,            // carries the unfinished run on, whatever stopped it
  abandon,            // ends the unfinished run for good
  restart_from_start  // the same as restart, and appends again what another program has begun (baton restart
                      // --from-start)
};

std::string_view name(RequestKind kind);
std::optional<RequestKind> parse_request_kind(std::string_view text);

// At most one of a job is pending.
struct JobRequest {
  std::string id;  // random
  RequestKind kind = RequestKind::run;
  std::string by;
  WallTime at{};
  JobParameters parameters;  // of a new run, over the job's own
  bool even_paused = false;
  // Of kind run: the instance that ran when it was asked. Carrying that one on is no answer.
  std::optional<std::int64_t> after_instance;
};

struct Offer {
  std::string to;  // replica
  std::string by;
  WallTime at{};
};

// A row of baton_job.
struct JobControl {
  std::string job;
  WallTime first_seen{};
  std::optional<WallTime> phase;     // fixed_rate: the due time of the first run
  std::optional<WallTime> last_due;  // of the last run that the schedule made
  std::optional<Pause> pause;
  std::optional<JobRequest> request;
  std::optional<std::int64_t> stop_instance;  // a person wants this instance to stop
  std::optional<Offer> offer;

  bool paused(WallTime now) const { return pause && (!pause->until || now < *pause->until); }
};

}  // namespace baton

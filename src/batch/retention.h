// Forgets what only tells of the past: the metadata of runs that ended long ago, their rejects, alerts that are over.
#pragma once

#include "base/clock.h"
#include "baton/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace baton {

// Instances of some jobs that may go.
struct PrunableFilter {
  std::vector<std::string> jobs;
  WallTime before{};       // all their executions have ended before, by the repository's clock
  std::int64_t after = 0;  // ids above this one, for pages
  std::int64_t limit = 10'000;
};

// What steps leave beside their rows in a database: progress and rejects. Used by one thread at a time. Each call is
// one short transaction; where another process does the same at the same time, each does a part of it. 0 where the
// tables are not there.
class RunTraces {
 public:
  RunTraces() = default;
  RunTraces(const RunTraces&) = delete;
  RunTraces& operator=(const RunTraces&) = delete;
  virtual ~RunTraces() = default;

  // Deletes rejects of these instances, at most so many; how many.
  virtual Result<std::int64_t> prune_rejects(const std::string& repository_id,
                                             const std::vector<std::int64_t>& instances, std::int64_t most) = 0;
  // Deletes the progress of these instances; how many rows.
  virtual Result<std::int64_t> prune_progress(const std::string& repository_id,
                                              const std::vector<std::int64_t>& instances) = 0;
};

// Of a job repository; as RunTraces.
class Retention {
 public:
  Retention() = default;
  Retention(const Retention&) = delete;
  Retention& operator=(const Retention&) = delete;
  virtual ~Retention() = default;

  // Ids of instances that are done (the newest execution is COMPLETED or ABANDONED, and no execution or step is open)
  // or have no execution, oldest first. Never the newest instance of its job, nor the one of its last success. Such an
  // instance does not change any more.
  virtual Result<std::vector<std::int64_t>> prunable(const PrunableFilter& filter) = 0;

  // Deletes executions of these instances with all that hangs on them, at most so many, and those of the instances that
  // have none left; how many executions. REQUIRES: prunable() has named them.
  virtual Result<std::int64_t> prune_executions(const std::vector<std::int64_t>& instances, std::int64_t most) = 0;

  // Deletes alerts that were over before, at most so many; how many.
  virtual Result<std::int64_t> prune_alerts(WallTime before, std::int64_t most) = 0;

  // Of the repository's own database.
  virtual RunTraces& traces() = 0;
};

// Absent: for ever. Rejects go with their run at the latest.
struct RetentionAges {
  std::optional<Duration> executions;
  std::optional<Duration> rejects;
};

struct PruneCounts {
  std::int64_t executions = 0;
  std::int64_t rejects = 0;
  std::int64_t alerts = 0;
};

struct PruneRequest {
  Retention* retention = nullptr;
  std::string repository_id;
  std::vector<std::string> jobs;
  WallTime now{};  // by the repository's clock
  RetentionAges ages;
  // Of each database that jobs write to, the repository's too; called once, where there is something to delete. They
  // outlive the call.
  std::function<Result<std::vector<RunTraces*>>()> open_traces;
  Clock* clock = nullptr;
  std::stop_token stop;
};

// Everything that is due, in small batches with pauses of four times their length in between, so that it takes a fifth
// of a store at most. `counts` is right also after an error; what is left then is for the next time. A run's traces go
// before its metadata, so that nothing is left behind for which no run is known. After `stop`: success, at once.
Status prune(const PruneRequest& request, PruneCounts& counts);

}  // namespace baton

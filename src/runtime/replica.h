// A replica: the shell that does on threads what ReplicaCore decides.
//
// One thread decides and never waits for a store. Renewals have a thread of their own, so have the other calls of the
// lease store, and the calls of the repository; each job that becomes owned or runs has one.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "batch/owned_job.h"
#include "lease/lease_hold.h"
#include "lease/lease_store.h"
#include "replica/replica_core.h"
#include "runtime/replica_watch.h"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace baton {

// The work of a job, each call on a thread of that job. Thread-safe for different jobs; for one job one call at a time.
// `stop` wants it to end early; an exception is an error `internal` of that job.
class JobWork {
 public:
  JobWork() = default;
  JobWork(const JobWork&) = delete;
  JobWork& operator=(const JobWork&) = delete;
  virtual ~JobWork() = default;

  virtual Result<OwnedJob> own(const std::string& job, LeaseHold& lease, std::stop_token stop) = 0;
  virtual Result<RunOutcome> run(const std::string& job, LeaseHold& lease, const Ownership& ownership,
                                 const RunOrder& order, std::stop_token stop) = 0;
  virtual Status close_nobodys(const std::string& job, LeaseHold& lease, std::stop_token stop) = 0;
};

struct ReplicaParts {
  LeaseStore* leases = nullptr;
  // Opens the job repository; called again after an error. Its Replicas are used on one thread.
  std::function<Result<std::unique_ptr<Replicas>>()> open_replicas;
  JobWork* work = nullptr;
  Clock* clock = nullptr;
  Random* random = nullptr;
  std::function<void(const Tell&)> tell;
  ReplicaWatch* watch = nullptr;  // shown to others while it runs; may be null
  // Hears of runs that make no progress; called as `tell` is. May be empty.
  std::function<void(const NoteStall&)> note_stall;
  // Where stores can say that something changed (P6): begins to listen, and listens until what it returned is
  // destroyed, which must not wait for a store. `changed` is thread-safe, returns at once and is not called after that.
  // May be empty, and may return null.
  std::function<std::shared_ptr<void>(std::function<void(const ChangesNoticed&)> changed)> listen;
};

// Runs until `stop` is requested and everything held is released (P22). Everything in `parts` outlives the call.
void run_replica(const ReplicaSettings& settings, const ReplicaParts& parts, std::stop_token stop);

}  // namespace baton

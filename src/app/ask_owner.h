// Asks the replica that owns a job to run it, and reports what became of that as a one-off run of our own would.
#pragma once

#include "app/follow_request.h"
#include "app/live_owner.h"
#include "app/once_report.h"
#include "app/stores.h"
#include "base/random.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace baton {

// The connections of one thread that asks. Used by it alone.
class OwnerDesk {
 public:
  // `leases` and what is given with it outlive the desk.
  static Result<std::unique_ptr<OwnerDesk>> open(const Config& config, const Stores& stores, LeaseStore& leases,
                                                 Clock& clock, Random& random, Log& log);

  // The live replica that owns the job.
  Result<std::optional<std::string>> owner(const std::string& job) { return owners_.of(job); }

  Result<bool> paused(const std::string& job);

  // As Control::ask; `invalid` also where the job's unfinished run is held back and a run is asked for.
  Result<std::string> ask(const std::string& job, const JobRequest& request);

  // A request in the name of whoever started this program.
  JobRequest make_request(RequestKind kind, JobParameters parameters) const;

  Control& control() { return repository_->control(); }
  Executions& executions() { return repository_->executions(); }

  // Asks, and follows the request to the end of its run. Empty: no live replica owns the job any more, and the request
  // was taken back. A refused request is a report. `wait` is the patience with a run that nobody carries on.
  Result<std::optional<OnceReport>> run_by_owner(const JobConfig& job, const JobRequest& request,
                                                 std::optional<Duration> wait, const std::stop_token& stop);

  // Follows a request that is there, for as long as it is pending.
  OnceReport follow(const JobConfig& job, const std::string& request, const std::stop_token& stop);

 private:
  OwnerDesk(const Config& config, std::unique_ptr<Repository> repository, LeaseStore& leases, Clock& clock,
            Random& random, Log& log);

  FollowSettings settings(const JobConfig& job, std::optional<Duration> wait) const;
  Result<Followed> follow(FollowSettings settings, const std::string& request, const std::stop_token& stop);
  Result<OnceReport> report_abandoned(const std::string& job, std::int64_t unfinished, std::string text);
  OnceReport give_up(const std::string& job, const JobRequest& request, const std::string& id);

  const Config& config_;
  std::unique_ptr<Repository> repository_;
  Clock& clock_;
  Random& random_;
  Log& log_;
  LiveOwners owners_;
};

}  // namespace baton

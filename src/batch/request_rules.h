// P18, P23: what pauses and requests mean for a launch, and which requests are taken. Decisions as functions of values,
// which every job repository applies inside its transactions.
#pragma once

#include "batch/executions.h"
#include "batch/job_control.h"

#include <optional>
#include <string>

namespace baton {

struct LaunchDecision {
  bool withdrawn = false;              // the request to answer is not pending any more: nothing is launched
  std::optional<Pause> paused;         // nothing is launched
  std::optional<JobRequest> answered;  // the pending request that the execution answers, and which is then cleared
  std::optional<std::string> refused;  // the text that answers the pending request: nothing is launched
};

// `last` is the job's newest instance; REQUIRES: `launch` fits it.
LaunchDecision decide_launch(const JobControl& job, const std::optional<InstanceState>& last,
                             const LaunchRequest& launch, WallTime now);

// Of the execution, but for baton.due: the instance's own, or run.id = last + 1, the launch's, and over these those of
// the request that it answers.
JobParameters launch_parameters(const LaunchRequest& launch, const LaunchDecision& decision,
                                const std::optional<InstanceState>& last);

// The job's pending request once `asked` was asked. Errors as of Control::ask.
Result<JobRequest> admit_request(const JobControl& job, const std::optional<InstanceState>& last,
                                 const JobRequest& asked, WallTime now);

// The answer to a pending request that `by` has replaced: a restart or an abandon goes before a run.
std::string replaced_text(const JobRequest& by);

// `offer` as it is to be written. Errors as of Replicas::offer.
Result<Offer> admit_offer(const JobControl& job, Offer offer, Duration valid, WallTime now);

// The instance that runs now, for JobRequest::after_instance.
std::optional<std::int64_t> running_instance(const std::optional<InstanceState>& last);

// Each of `over` takes the place of its namesake.
void override_parameters(JobParameters& parameters, const JobParameters& over);

// "paused by anna since 2024-01-15 10:00:00 UTC until …: why".
std::string to_text(const Pause& pause);

}  // namespace baton

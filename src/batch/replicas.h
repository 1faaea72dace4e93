// What the replicas know of each other and of all jobs, through the job repository (P16, P19, P20). Advisory: it never
// decides who may commit.
#pragma once

#include "batch/authority.h"
#include "batch/job_control.h"
#include "batch/status.h"
#include "baton/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// A row of baton_replica.
struct ReplicaRow {
  std::string id;
  std::int64_t pid = 0;
  std::int64_t tokens = 0;
  std::int64_t owned = 0;
  std::int64_t jobs = 0;  // of its configuration
  std::string config_hash;
  std::int64_t counter = 0;  // raised at every beat
  Duration heartbeat{0};
  bool leaving = false;  // it shuts down and takes nothing more
  WallTime started{};    // by the repository's clock, as are all times here
  WallTime beat{};
};

// An execution that is, or has a step that is, STARTING, STARTED or STOPPING.
struct OpenExecution {
  std::string job;
  std::int64_t execution = 0;
  std::int64_t instance = 0;
  BatchStatus status = BatchStatus::starting;  // the job execution's
  std::optional<std::int64_t> fence;           // absent in executions of Java's
};

struct RepositoryView {
  WallTime now{};  // the repository's clock
  std::vector<ReplicaRow> replicas;
  std::vector<JobControl> jobs;  // every job that a replica ever had in its configuration
  std::vector<OpenExecution> open;
};

// Used by one thread at a time. Every change is one transaction. `retry`: surely not done.
class Replicas {
 public:
  Replicas() = default;
  Replicas(const Replicas&) = delete;
  Replicas& operator=(const Replicas&) = delete;
  virtual ~Replicas() = default;

  // Writes my row (`started` is kept from the first time, `beat` is now), notes those of `jobs` that were never seen,
  // and removes the rows of replicas that have not beaten for an hour.
  virtual Status beat(const ReplicaRow& mine, const std::vector<std::string>& jobs) = 0;

  // Everything as of one moment after the call began, which begins with the reading of the clock.
  virtual Result<RepositoryView> look() = 0;

  // Offers the job; its time is now. `conflict` if another offer of the last `valid` is there.
  virtual Status offer(const std::string& job, const Offer& offer, Duration valid) = 0;

  // The job has a new owner: no offer of it is open any more.
  virtual Status clear_offer(const std::string& job) = 0;

  // Ends the pending request of that id with an answer for the one who asked. Nothing if it is not pending. Begins with
  // the fence check and ends with the guard.
  virtual Status answer_request(const Authority& authority, const std::string& request_id, const std::string& text) = 0;

  // Removes the row; not there is success.
  virtual Status leave(const std::string& replica) = 0;
};

}  // namespace baton

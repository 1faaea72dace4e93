// What a replica knows and counts, for whoever watches it.
#pragma once

#include "base/clock.h"
#include "replica/job_counts.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

struct JobView {
  std::string job;
  bool owned = false;    // by this replica
  bool unowned = false;  // by nobody, as the last listing said
  std::optional<Instant> running_since;
  std::optional<WallTime> paused_since;  // times of day are by the repository's clock
  std::optional<WallTime> first_seen;
  std::optional<WallTime> next_start;
  std::optional<WallTime> last_success;  // as far as this replica has seen one
  bool never_succeeded = false;          // nor anybody else
  JobCounts counts;
};

struct ReplicaView {
  Instant at{};
  std::int64_t tokens_used = 0;
  std::int64_t live_replicas = 0;  // this one included
  std::int64_t live_tokens = 0;    // of those with this configuration
  std::int64_t jobs_to_own = 0;    // of this configuration, without those that no replica owns
  std::int64_t leases_held = 0;
  std::optional<Duration> least_trust_left;
  RenewalCounts renewals;
  std::vector<JobView> jobs;  // in the configuration's order
};

// The little that a probe needs, taken after each step of the thread that decides.
struct ReplicaPulse {
  Instant at{};
  bool leases_answer = false;  // the last calls of the lease store were answered
  bool repository_answers = false;
  bool leaving = false;
  // Since when a call of the lease store hangs: none lasts for a lease, whatever the store does.
  std::optional<Instant> hung_since = {};

  bool ready() const { return leases_answer && repository_answers && !leaving; }
};

}  // namespace baton

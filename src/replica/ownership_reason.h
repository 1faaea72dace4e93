// Why a job has no live owner (P21), from what can be seen of leases and replicas at one moment.
#pragma once

#include "batch/job_control.h"
#include "batch/replicas.h"
#include "lease/lease_record.h"

#include <optional>
#include <string>
#include <vector>

namespace baton {

// A replica's row is taken for live while its beat, by the repository's clock, is younger than three of its heartbeats
// and it is not leaving. For people only: replicas themselves judge by observation (P19).
bool looks_live(const ReplicaRow& row, WallTime now);

struct OwnershipFacts {
  std::string job;
  std::optional<LeaseRecord> lease;
  const JobControl* control = nullptr;  // null where no replica has seen the job
  std::vector<ReplicaRow> replicas;
  WallTime now{};
  std::string config_hash;   // only replicas with this configuration count as capacity; empty: all
  std::int64_t jobs = 0;     // of the configuration
  std::int64_t foreign = 0;  // of them, held by owners that are not replicas
};

struct OwnershipReason {
  enum class Kind {
    owned,
    foreign_owner,
    silent_owner,
    paused_free,
    no_capacity,
    no_live_replica,
    other_configuration,
    not_tried,
    unknown  // never said here: for who could not read the leases
  };
  Kind kind = Kind::owned;
  std::string owner;  // where there is one
  std::string text;   // "no capacity (4 jobs, 2 live tokens)", "held by a silent owner until about 12:00:05Z"
};

OwnershipReason ownership_reason(const OwnershipFacts& facts);

}  // namespace baton

// Everything that a person wants to see of replicas and jobs, as of one moment: judged from what the stores and the
// configuration say, by somebody who is no replica and need not have looked before.
#pragma once

#include "batch/execution.h"
#include "batch/last_run.h"
#include "batch/replicas.h"
#include "baton/error.h"
#include "lease/lease_record.h"
#include "monitor/job_health.h"
#include "replica/next_start.h"
#include "replica/ownership_reason.h"
#include "replica/replica_settings.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

enum class OwnerState {
  none,
  live,     // a replica whose beats are fresh
  silent,   // a replica without fresh beats
  foreign,  // no replica: run --once, or a Java process
  unknown   // the leases could not be read
};

std::string_view name(OwnerState state);

enum class JobState {
  idle,         // owned; it waits for its next start
  running,      // its owner runs it
  stopping,     // the same, and a person wants it to stop
  taking_over,  // owned, and its owner has not closed yet what another one left open
  paused,       // by a person; it does not run
  failed,       // owned; its last run failed: it restarts after a pause, or waits for a due time or a person
  stopped,      // the same after a person's stop
  held_back,    // its last executions died without progress: it waits for a person (P10)
  unowned,      // the reason says why (P21)
  unknown       // a silent replica ran it last, and the leases could not be read
};

std::string_view name(JobState state);

struct ReplicaOverview {
  ReplicaRow row;
  bool live = false;
  bool same_configuration = false;  // as the one who looks
  std::int64_t owned = 0;           // jobs, by the leases as they are now; where they are unknown as of its last beat
  std::int64_t running = 0;         // of them, those that run
};

struct JobOverview {
  std::string job;
  bool configured = true;             // false: only a lease tells of it
  Schedule schedule;                  // manual where it is not configured
  int restarts = 0;                   // on_failure.restarts
  std::optional<LeaseRecord> lease;   // as recorded, released ones too
  std::optional<std::int64_t> fence;  // of the repository; filled where it was asked for
  OwnerState owner_state = OwnerState::none;
  OwnershipReason ownership;
  JobState state = JobState::unowned;
  std::string reason;                 // why it is paused, held back or unowned, what a failed one waits for; else empty
  std::optional<JobControl> control;  // empty where no replica and no person has named the job yet
  std::optional<JobExecution> newest;  // with steps; empty: it never ran
  std::optional<JobExecution> ended;   // the newest one that is not running
  std::optional<LastRun> last;
  NextStart next;
  JobHealth health;             // of a configured job; see job_health.h
  bool after_this_run = false;  // the next start follows the present run; `next` then has no time

  // Whom the lease record names, dead or alive; empty: it is released, or there is none.
  std::string holder() const { return lease && !lease->released ? lease->owner_name : std::string(); }
  // The same, but for one whose time is over: empty.
  std::string owner() const { return owner_state == OwnerState::none ? std::string() : holder(); }
};

// A global monitor, of this configuration or another one.
struct MonitorOverview {
  std::string monitor;
  std::optional<std::string> owner;  // who runs it; empty: nobody; absent: not known
};

struct Overview {
  WallTime now{};  // by the repository's clock
  std::vector<ReplicaOverview> replicas;
  std::vector<JobOverview> jobs;          // the configuration's in its order, then those that only a lease tells of
  std::vector<MonitorOverview> monitors;  // by name
  std::int64_t configured_jobs = 0;
  std::int64_t live_replicas = 0;
  std::int64_t live_tokens = 0;
  bool configurations_differ = false;  // among live replicas, or theirs and mine: a rolling update
  bool repository_there = false;       // false: nothing ever ran
  std::optional<std::string> away;     // why the stores could not be read now; the rest is then what was last seen
  std::optional<Error> leases_away;    // why the leases alone could not: owners are not known

  const JobOverview* job(const std::string& name) const;
};

struct OverviewFacts {
  ReplicaSettings settings;  // the configuration: jobs, hash, timings
  bool repository_there = false;
  std::vector<LeaseRecord> leases;
  std::optional<Error> leases_away = {};  // why they could not be read
  // Keys of leases that were watched for longer than their duration and not renewed: nobody's any more (P2).
  std::set<std::string> expired;
  RepositoryView view;                         // `now` is always set
  std::map<std::string, InstanceState> runs;   // newest first, with steps
  std::map<std::string, JobExecution> ended;   // the newest execution that is not running
  std::set<std::string> monitors;              // keys of global monitors' leases, whoever has them configured
  std::set<std::string> stalled;               // jobs whose owners say that their runs make no progress
  std::map<std::string, WallTime> held_until;  // see HealthFacts
};

Overview make_overview(const OverviewFacts& facts);

}  // namespace baton

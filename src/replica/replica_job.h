// What a replica remembers of one job. Only for ReplicaCore's own files.
#pragma once

#include "batch/job_control.h"
#include "batch/last_run.h"
#include "lease/held_lease.h"
#include "replica/backoff.h"
#include "replica/job_counts.h"
#include "replica/next_start.h"
#include "replica/replica_settings.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

namespace baton {

struct CoreJob {
  // A call for a lease that is not mine yet; at most one.
  enum class Call {
    none,
    reading,  // it may have expired, or be mine
    taking,
    proving,   // the answer of a take was lost: reading back
    claiming,  // a renewal of a record with my name
  };
  // What its thread does. A lease may be lost meanwhile.
  enum class Work { none, owning, running, closing };
  // Its lease, as the last read said, while it is not mine.
  enum class Seen { unknown, absent, released, held, expired, mine };

  CoreJob(int the_id, std::string the_name, const ReplicaJob* the_settings)
      : id(the_id),
        name(std::move(the_name)),
        settings(the_settings),
        stall_backoff(the_settings == nullptr ? Duration(1'000) : the_settings->backoff, Duration(300'000)) {}

  const int id;
  const std::string name;
  const ReplicaJob* const settings;  // null for a job that is not in my configuration (P16)

  // Waiting for its lease.
  Seen seen = Seen::unknown;
  std::optional<LeaseRecord> record;  // absent where there is none
  std::optional<Instant> free_since;  // first seen absent, released or expired
  Instant retry_at{Instant::min()};   // in back-off after an error
  Backoff take_backoff{Duration(1'000), Duration(300'000)};
  Instant close_retry_at{Instant::min()};  // the same for closing what nobody runs
  Backoff close_backoff{Duration(1'000), Duration(300'000)};

  // Taking it.
  Call call = Call::none;
  LeaseRecord sent;
  Instant sent_at{};
  Instant prove_at{Instant::max()};  // when to read back again; max while that is under way
  bool closing = false;              // only to close what nobody runs (P16)
  bool had_owner = true;             // another one, who may have run it since my last look

  // Holding it.
  std::optional<HeldLease> lease;
  bool renewing = false;             // in the batch of renewals that is under way
  std::optional<Instant> new_since;  // when its take was sent; absent once something was begun under it
  bool unrenewed = false;            // it must end: what its thread does goes on past end_by
  std::string release_why;           // for the log

  // Owning and running it.
  Work work = Work::none;
  bool owned = false;
  bool closed = false;   // P16 is done
  bool in_hand = false;  // counted as a token
  bool offering = false;
  bool stopping = false;           // StopRun was sent
  Instant end_by{Instant::max()};  // past it the lease is not renewed any more
  RunOrder order;
  Instant started_at{};
  Instant ended_at{Instant::min()};
  std::optional<Instant> fence_refused_at;
  std::optional<LastRun> last;
  std::optional<JobControl> control;
  std::set<std::string> settled_requests;  // answered or refused, while a look may still show them

  // For whoever watches.
  JobCounts counts;
  std::optional<WallTime> last_success;  // by the repository's clock
  bool never_succeeded = false;

  // Watching its run.
  Instant check_at{Instant::max()};  // how far it is
  std::optional<Instant> began;      // of the execution, once it is known
  // Whether it is noted that a run makes no progress: it stays noted until one does, or succeeds. Not known: another
  // owner may have noted it.
  enum class Stall { none, unknown, noted };
  Stall stall = Stall::none;
  bool stalled_now = false;           // the run under way is the one
  Duration stalled_at{0};             // how long those in a row made progress, at most
  std::optional<Duration> run_again;  // after this pause, once it has ended
  Backoff stall_backoff;
  bool cut = false;     // it was told to stop because of its limits
  std::string give_up;  // why its lease is given up then

  // Its next start.
  std::optional<NextStart> next;       // absent: not known, ask again
  Instant not_before{Instant::min()};  // after an error of a run; nor is it owned before
  Backoff run_backoff{Duration(1'000), Duration(300'000)};
  Instant view_from{Instant::min()};  // only on a look that was sent after this
  std::string told_error;
  std::string told_stuck;

  bool busy() const { return lease || call != Call::none || work != Work::none; }
  // Left alone until then.
  Instant quiet_until() const { return std::max(retry_at, not_before); }
  bool free() const { return seen == Seen::absent || seen == Seen::released || seen == Seen::expired; }
};

}  // namespace baton

// Which jobs this process owns, and when they run: the whole of a replica's decisions as one state machine (P2–P8,
// P10, P16–P23). It sends nothing itself and knows no clock.
//
// For each job: waiting → taking → becoming the owner → idle ⇄ running → releasing → waiting. A lease that is lost, at
// any point, stops the job's thread; the job is waited for again once that thread has ended.
#pragma once

#include "base/random.h"
#include "lease/held_lease.h"
#include "replica/replica_events.h"
#include "replica/replica_settings.h"
#include "replica/replica_view.h"

#include <memory>
#include <optional>
#include <string>

namespace baton {

// What one job looks like from here; for logs and tests.
enum class JobPhase {
  waiting,    // not mine
  taking,     // a call for its lease is under way
  becoming,   // the lease is mine, the fences are being raised
  idle,       // mine
  running,    // mine
  releasing,  // its lease is being released
  draining,   // not mine any more, but its thread has not ended
};

// Not thread-safe.
class ReplicaCore {
 public:
  // `random` outlives the core. REQUIRES: settings.timings are checked, tokens ≥ 1.
  ReplicaCore(ReplicaSettings settings, Random& random);
  ReplicaCore(const ReplicaCore&) = delete;
  ReplicaCore& operator=(const ReplicaCore&) = delete;
  ~ReplicaCore();

  // `now` is not before that of an earlier call. The first event is TimePassed.
  ReplicaActions on(const ReplicaEvent& event, Instant now);

  // When TimePassed is due.
  Instant next_at() const;

  // The lease that I hold of the job; null where I hold none. Valid until the next on().
  const HeldLease* lease(const std::string& job) const;

  JobPhase phase(const std::string& job) const;
  std::int64_t tokens_used() const;  // never more than settings.tokens
  bool finished() const;             // Finish was returned

  // For whoever watches; `now` is not before that of the last on().
  ReplicaView view(Instant now) const;
  ReplicaPulse pulse() const;  // as of the last on()

 private:
  class State;

  std::unique_ptr<State> state_;
};

}  // namespace baton

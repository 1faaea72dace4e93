// One lease that this process holds, as a state machine: until when it is trusted, what to send next, and what an
// answer means (P3, P4, P7). It sends nothing itself and knows no clock.
#pragma once

#include "baton/result.h"
#include "lease/lease_record.h"
#include "lease/lease_store.h"
#include "lease/lease_timings.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace baton {

// One call at a time: after a begin_…() the matching …_answered() comes before any other. Not thread-safe.
class HeldLease {
 public:
  enum class State {
    held,      // mine as far as I know; see trusted()
    released,  // I wanted it gone, and it is
    lost,      // a read proved that it is not mine any more
    given_up,  // time ran out: the record may still name me, and expires for the others
  };
  enum class Step { none, renew, read_back, release };

  // `mine` was written by a take or a renewal that was sent at `sent_at` and is known to be done.
  HeldLease(LeaseRecord mine, Instant sent_at, LeaseTimings timings);

  const std::string& key() const { return record_.key; }
  const LeaseRecord& record() const { return record_; }
  State state() const { return state_; }
  // Why it is over, and the last error before that; for people.
  const std::string& reason() const { return reason_; }

  // Trusted before this instant, not at it. Not after the moment of loss, once it is lost; nor after the moment when
  // its release was asked for: a release that I take for lost may still arrive.
  Instant trusted_until() const { return std::min(trusted_until_, release_asked_at_); }
  bool trusted(Instant now) const { return state_ == State::held && now < trusted_until(); }
  // True once nothing more will be sent: released, lost, or trust ran out with no call under way.
  bool over(Instant now) const { return state_ != State::held || (!busy_ && now >= trusted_until_); }
  bool busy() const { return busy_; }
  bool releasing() const { return release_deadline_.has_value(); }
  // True while the last call failed and no later one has succeeded.
  bool failing() const { return failing_; }

  // What to send now, and the first instant at which next() or over() can change by itself; Instant::max() while a
  // call is under way.
  Step next(Instant now) const;
  Instant next_at() const;
  // True if a renewal may go along with others now, because it would be due before `horizon` anyway.
  bool renewable(Instant now, Instant horizon) const;
  // How long the next call may take: min(heartbeat, trust left / 3), at least 1 ms.
  Duration attempt_timeout(Instant now) const;

  LeaseRenewal begin_renewal(std::string new_version, Instant sent_at);
  void renewal_answered(const Status& answer, Instant now);
  void begin_read_back();
  void read_back_answered(const Result<std::optional<LeaseRecord>>& answer, Instant now);
  void begin_release();  // with record()'s key, owner and version
  void release_answered(const Status& answer, Instant now);

  // Makes a renewal due now, or as soon as the one under way is answered.
  void ask_renewal(Instant now);
  // From now on next() releases. Renewals go on until that is done (P7). It is tried until the trust of this moment
  // ends.
  void ask_release(Instant now);
  Instant release_deadline() const { return release_deadline_.value_or(Instant::max()); }
  // For a lease whose time, or the time for its release, ran out.
  void give_up(Instant now, std::string reason);

  // Renewals are numbered from 1 as they are sent; the highest that succeeded (0: none).
  std::uint64_t renewals_sent() const { return renewals_sent_; }
  std::uint64_t renewal_proven() const { return renewal_proven_; }

 private:
  void trust_from(Instant sent_at);
  // Notes the error; when to try again.
  Instant failed(const Error& error, Instant now);
  void read_next(Instant now);
  void end(State state, Instant now, std::string reason);

  LeaseRecord record_;
  LeaseTimings timings_;
  State state_ = State::held;
  std::string reason_;
  Instant trusted_until_;
  Instant renew_at_;
  Instant attempt_at_{Instant::min()};  // of a read back or a release
  bool busy_ = false;
  bool must_read_ = false;  // which version is mine is not known: read before anything else
  bool failing_ = false;
  Instant release_asked_at_{Instant::max()};
  std::optional<Instant> release_deadline_;
  std::string sent_version_;
  Instant sent_at_;
  std::uint64_t renewals_sent_ = 0;
  std::uint64_t renewal_asked_ = 0;
  std::uint64_t renewal_proven_ = 0;
};

}  // namespace baton

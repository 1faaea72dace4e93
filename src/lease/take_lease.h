// Whether a lease may be taken, decided from one consistent read (P5).
#pragma once

#include "lease/lease_observer.h"
#include "lease/lease_record.h"

#include <optional>
#include <string>

namespace baton {

struct TakeDecision {
  enum class Kind {
    take,  // compare-and-set from `seen`: absent, released or expired
    mine,  // an unreleased record with my owner name: a renewal from its version makes it mine (P4)
    wait,  // somebody holds it; read again at `look_again_at`
  };
  Kind kind = Kind::wait;
  std::optional<LeaseRecord> seen;  // the record as read
  Instant look_again_at{};          // only for wait
};

// `record` is what a read that was answered before `now` said. Notes it in the observer.
TakeDecision decide_take(const std::optional<LeaseRecord>& record, const std::string& owner_name,
                         LeaseObserver& observer, Instant now);

// The whole record to write when taking `key`; data that was there stays.
LeaseRecord record_to_take(const std::string& key, const std::string& owner_name, Duration lease_duration,
                           const std::string& new_version, const std::optional<LeaseRecord>& seen);

// After a take of unknown outcome: true if the record read back is the one I wrote. Then it is mine, and trust counts
// from the moment when the take was sent.
bool take_is_proven(const LeaseRecord& written, const std::optional<LeaseRecord>& read_back);

}  // namespace baton

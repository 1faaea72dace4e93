// Says when a lease that somebody else holds has expired, by observation alone (P2): no clock is compared with another
// machine's.
#pragma once

#include "lease/lease_record.h"

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

namespace baton {

// Not thread-safe.
class LeaseObserver {
 public:
  // At most so many keys are remembered. When there are more, those that no read has shown for long make room; else a
  // new key is not observed until one is forgotten, so that the known ones still get decided.
  explicit LeaseObserver(std::size_t most_keys = 10'000) : most_keys_(most_keys) {}

  // Notes what a read said; `answered_at` was taken after its answer. A new version starts anew; a released record is
  // forgotten.
  void observe(const LeaseRecord& record, Instant answered_at);

  // True if this very version has been seen for longer (not: as long) than the duration written in the record.
  bool expired(const LeaseRecord& record, Instant now) const;

  // The first instant at which the version that was last seen counts as expired: read again then, and decide. Empty
  // for a key that is not observed.
  std::optional<Instant> decide_at(const std::string& key) const;

  void forget(const std::string& key);
  std::size_t size() const { return seen_.size(); }

 private:
  struct Sight {
    std::string version;
    Instant first_seen;
    Instant last_seen;
    Instant expired_from;
  };

  bool make_room(Instant now);

  std::size_t most_keys_;
  std::unordered_map<std::string, Sight> seen_;
  Instant nothing_stale_before_{Instant::min()};
};

}  // namespace baton

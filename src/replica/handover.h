// Giving a job to another replica, one at a time, and how replicas that let an offer pass are remembered (P20).
#pragma once

#include "base/clock.h"
#include "replica/backoff.h"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace baton {

struct Handover {
  std::string job;
  std::string to;
  bool offered = false;                // the offer is written
  std::optional<Instant> released_at;  // my lease is released
  std::optional<Instant> taken_at;     // the receiver was seen to hold the lease
};

// A replica that let an offer pass, or took it and did not become the owner, gets none for 1 min, doubling to 15 min.
// That ends when it is known to have become the owner of anything: either an offer to it was cleared, or it held a
// lease that it did not hold when it failed for longer than a lease lasts. (Becoming the owner has one lease of time;
// who cannot do it by then lets the lease go.)
class ReceiverBackoffs {
 public:
  explicit ReceiverBackoffs(Duration lease) : lease_(lease) {}

  // `holds` are the jobs whose leases it holds now.
  void failed(const std::string& id, const std::set<std::string>& holds, Instant now);
  void became_owner(const std::string& id) { entries_.erase(id); }

  // Each listing: the jobs whose leases are held, by owner.
  void observe(const std::map<std::string, std::set<std::string>>& held, Instant now);

  bool in_backoff(const std::string& id, Instant now) const;
  bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    Backoff backoff{Duration(60'000), Duration(900'000)};
    Instant until{};
    std::set<std::string> held_before;
    std::map<std::string, Instant> held_since;
  };

  Duration lease_;
  std::map<std::string, Entry> entries_;
};

}  // namespace baton

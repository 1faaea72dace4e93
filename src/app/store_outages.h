// Notices that a store does not answer. Where the job repository answers, the replica's look at its own jobs makes an
// alert of it like of any other trouble; while it is away each replica tells the sinks straight away, and it is entered
// once the repository is back.
#pragma once

#include "app/alert_desk.h"
#include "config/config.h"
#include "monitor/alert_lifecycle.h"
#include "runtime/replica_watch.h"

#include <array>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace baton {

inline constexpr std::string_view repository_subject = "repository";
inline constexpr std::string_view lease_store_subject = "leaseStore";

struct OutageRules {
  Duration patience{30'000};
  Duration remind{3'600'000};  // 0: never
  std::string replica;         // who misses it
};

// Not thread-safe.
class StoreOutages {
 public:
  explicit StoreOutages(OutageRules rules) : rules_(std::move(rules)) {}

  // What to tell straight away, given what answered at `now`.
  std::vector<Notice> look(const ReplicaPulse& pulse, Instant now, WallTime wall_now);

  // What is away for longer than the patience, as of the last look.
  std::vector<FoundTrouble> away() const;

  // What was told straight away and is not known to be entered.
  const std::vector<Alert>& told() const { return told_; }
  void entered(const std::vector<Alert>& alerts);

 private:
  struct Store {
    std::string subject;
    std::string shown;
    std::optional<Instant> away_since = {};
    std::optional<Alert> open = {};
    bool straight = false;  // it was told so
    Instant notified = {};
  };

  void look_at(Store& store, bool answers, Instant now, WallTime wall_now) const;
  std::optional<Notice> tell_straight(Store& store, Instant now, WallTime wall_now);

  const OutageRules rules_;
  std::array<Store, 2> stores_{
      {{std::string(repository_subject), "the job repository"}, {std::string(lease_store_subject), "the lease store"}}};
  std::vector<Alert> told_;
};

// Looks every second, on a thread of its own. All outlive it. Thread-safe.
class OutageWatch {
 public:
  OutageWatch(OutageRules rules, const ReplicaWatch& watch, Clock& clock, AlertDesk& desk);
  OutageWatch(const OutageWatch&) = delete;
  OutageWatch& operator=(const OutageWatch&) = delete;
  ~OutageWatch() = default;

  std::vector<FoundTrouble> away() const;
  std::vector<Alert> told() const;
  void entered(const std::vector<Alert>& alerts);

 private:
  mutable std::mutex mutex_;
  StoreOutages outages_;
  std::jthread thread_;
};

}  // namespace baton

// The lease store of a simulation, which also knows what no replica can: who holds which lease at this moment.
#pragma once

#include "tests/doubles/memory_lease_store.h"
#include "tests/simulation/network.h"

#include <functional>
#include <map>

namespace baton {

// The store's truth about one lease.
struct LeaseTruth {
  std::int64_t acquisition = 0;  // counted from 1; a renewal is none
  std::string owner;
  bool released = true;
  TrueTime written{0};  // by the last take or renewal
  TrueTime released_at{0};
  Duration duration{0};

  bool held_by(std::int64_t wanted, TrueTime now) const {
    return acquisition == wanted && !released && now < written + duration;
  }
};

class LeaseServer {
 public:
  LeaseServer(EventQueue& queue, Trace& trace, Random& random) : queue_(queue), trace_(trace), store_(random) {}

  Result<std::optional<LeaseRecord>> read(const std::string& key) { return store_.read(key, {}); }
  Result<std::vector<LeaseRecord>> list() { return store_.list({}); }
  Status take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen);
  std::vector<Status> renew(const std::vector<LeaseRenewal>& renewals);
  Status release(const std::string& key, const std::string& owner_name, const std::string& version);

  const LeaseTruth& truth(const std::string& job) const;
  // The last time that `owner` acquired it; 0 for never.
  std::int64_t acquisition_of(const std::string& job, const std::string& owner) const;
  std::int64_t takes() const { return takes_; }      // by other than the owner before
  std::int64_t changes() const { return changes_; }  // takes and releases

  SimulatedServer network{"leases", true, {}};
  // Says whether a process of that name trusts its lease of the job now.
  std::function<bool(const std::string& owner, const std::string& job)> trusts;
  // Hears of each take, with what was before it.
  std::function<void(const std::string& owner, const std::string& job, const LeaseTruth& before)> on_take;
  // Hears of each release.
  std::function<void()> on_release;
  // Says whether a thread of that process still works on the job.
  std::function<bool(const std::string& owner, const std::string& job)> works;

 private:
  EventQueue& queue_;
  Trace& trace_;
  MemoryLeaseStore store_;
  std::map<std::string, LeaseTruth> truth_;
  std::map<std::pair<std::string, std::string>, std::int64_t> acquisitions_;
  std::int64_t takes_ = 0;
  std::int64_t changes_ = 0;
};

}  // namespace baton

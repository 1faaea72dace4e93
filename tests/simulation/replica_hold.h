// A lease of a simulated process, as the code on its fibers sees it. Only for ReplicaProcess's own files.
#pragma once

#include "tests/simulation/replica_process.h"

#include <string>
#include <utility>

namespace baton {

// As runtime/replica.cpp has it.
class ReplicaProcess::Hold final : public LeaseHold {
 public:
  Hold(ReplicaProcess& process, std::string job) : process_(process), job_(std::move(job)) {}

  Instant trusted_until() const override {
    const HeldLease* lease = process_.core_.lease(job_);
    return lease == nullptr ? Instant::min() : lease->trusted_until();
  }

  Status renew_now() override {
    if (process_.world_.bugs.fence_without_renewal) return {};
    const HeldLease* lease = process_.core_.lease(job_);
    const std::uint64_t wanted = lease == nullptr ? 0 : lease->renewals_sent() + 1;
    process_.post(RenewalWanted{job_});
    while (true) {
      lease = process_.core_.lease(job_);
      if (lease == nullptr) return fail(ErrorKind::lease_lost, "this process does not hold it any more");
      if (lease->renewal_proven() >= wanted) return {};
      if (lease->state() != HeldLease::State::held || lease->releasing()) {
        return fail(ErrorKind::lease_lost, lease->releasing() ? "it is released" : lease->reason());
      }
      if (lease->over(process_.boot_now())) {
        return fail(ErrorKind::retry, "its time ran out before it was renewed");
      }
      process_.listening_.push_back(process_.current_task_);
      process_.stay_until(lease->busy() ? Instant::max() : lease->trusted_until(), {});
    }
  }

 private:
  ReplicaProcess& process_;
  const std::string job_;
};

}  // namespace baton

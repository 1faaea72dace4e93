#include "tests/simulation/lease_server.h"

namespace baton {

Status LeaseServer::take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen) {
  BATON_CHECK(store_.take(mine, seen, {}));
  LeaseTruth& truth = truth_[mine.key];
  trace_.event("lease taken", mine.key, mine.owner_name, "from", truth.owner, truth.released ? "released" : "held");
  if (!truth.owner.empty() && trusts(truth.owner, mine.key)) {
    trace_.violated(fmt::format("P3: {} took the lease of {} while {} still trusted its own", mine.owner_name, mine.key,
                                truth.owner));
  }
  takes_ += truth.owner != mine.owner_name ? 1 : 0;
  ++changes_;
  on_take(mine.owner_name, mine.key, truth);
  truth = {truth.acquisition + 1, mine.owner_name, false, queue_.now(), TrueTime(0), mine.lease_duration};
  acquisitions_[{mine.key, mine.owner_name}] = truth.acquisition;
  return {};
}

std::vector<Status> LeaseServer::renew(const std::vector<LeaseRenewal>& renewals) {
  std::vector<Status> answers = store_.renew(renewals, {});
  for (std::size_t i = 0; i < renewals.size(); ++i) {
    trace_.event("lease renewed", renewals[i].key, renewals[i].owner_name, answers[i] ? "ok" : "refused");
    if (!answers[i]) continue;
    LeaseTruth& truth = truth_[renewals[i].key];
    truth.written = queue_.now();
    truth.duration = renewals[i].lease_duration;
  }
  return answers;
}

Status LeaseServer::release(const std::string& key, const std::string& owner_name, const std::string& version) {
  const Status released = store_.release(key, owner_name, version, {});
  trace_.event("lease released", key, owner_name, released ? "ok" : "refused");
  if (!released) return released;
  if (works(owner_name, key)) trace_.violated(fmt::format("P7: {} released {} while it worked on it", owner_name, key));
  LeaseTruth& truth = truth_[key];
  if (!truth.released) truth.released_at = queue_.now();
  truth.released = true;
  ++changes_;
  if (on_release) on_release();
  return {};
}

const LeaseTruth& LeaseServer::truth(const std::string& job) const {
  static const LeaseTruth never;
  const auto found = truth_.find(job);
  return found == truth_.end() ? never : found->second;
}

std::int64_t LeaseServer::acquisition_of(const std::string& job, const std::string& owner) const {
  const auto found = acquisitions_.find({job, owner});
  return found == acquisitions_.end() ? 0 : found->second;
}

}  // namespace baton

#include "replica/jobs_to_prune.h"

#include "replica/ownership_reason.h"

#include <algorithm>
#include <set>

namespace baton {
namespace {

// Of a lease that its owner did not release: a replica that is gone for long has no row any more, so who has none may
// as well be another program.
bool looks_held(const PruneFacts& facts, const LeaseRecord& lease) {
  if (lease.released) return false;
  const auto& rows = facts.view.replicas;
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& one) { return one.id == lease.owner_name; });
  return row == rows.end() || looks_live(*row, facts.view.now);
}

}  // namespace

std::vector<std::string> jobs_to_prune(const PruneFacts& facts) {
  std::set<std::string> mine, held;
  for (const LeaseRecord& lease : facts.leases) {
    if (!lease.released && lease.owner_name == facts.replica) mine.insert(lease.key);
    if (looks_held(facts, lease)) held.insert(lease.key);
  }
  std::vector<std::string> jobs;
  for (const std::string& job : facts.configured) {
    if (mine.contains(job)) jobs.push_back(job);
  }
  if (jobs.empty() || jobs.front() != facts.configured.front()) return jobs;
  const std::set<std::string> configured(facts.configured.begin(), facts.configured.end());
  for (const JobControl& known : facts.view.jobs) {
    if (!configured.contains(known.job) && !held.contains(known.job)) jobs.push_back(known.job);
  }
  return jobs;
}

}  // namespace baton

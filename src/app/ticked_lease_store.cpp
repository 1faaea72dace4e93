#include "app/ticked_lease_store.h"

#include <utility>

namespace baton {

void TickedLeaseStore::tick(const std::string& key, Instant until) {
  const std::scoped_lock lock(mutex_);
  until_[key] = until;
}

bool TickedLeaseStore::ticks(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = until_.find(key);
  return found != until_.end() && clock_.now() <= found->second;
}

std::vector<Status> TickedLeaseStore::renew(std::span<const LeaseRenewal> renewals, Duration timeout) {
  std::vector<Status> answers(renewals.size(), fail(ErrorKind::retry, "its holder hangs"));
  std::vector<LeaseRenewal> ticking;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < renewals.size(); ++i) {
    if (!ticks(renewals[i].key)) continue;
    ticking.push_back(renewals[i]);
    places.push_back(i);
  }
  if (ticking.empty()) return answers;
  std::vector<Status> renewed = store_.renew(ticking, timeout);
  for (std::size_t i = 0; i < places.size(); ++i) answers[places[i]] = std::move(renewed[i]);
  return answers;
}

}  // namespace baton

#include "replica/handover.h"

#include <algorithm>

namespace baton {
namespace {

// An offer is made again as soon as the back-off is over; where none was, there is no need or no such replica.
constexpr Duration forgotten_after(900'000);

}  // namespace

void ReceiverBackoffs::failed(const std::string& id, const std::set<std::string>& holds, Instant now) {
  Entry& entry = entries_[id];
  entry.until = now + entry.backoff.next();
  entry.held_before = holds;
  entry.held_since.clear();
}

void ReceiverBackoffs::observe(const std::map<std::string, std::set<std::string>>& held, Instant now) {
  static const std::set<std::string> nothing;
  for (auto one = entries_.begin(); one != entries_.end();) {
    const auto found = held.find(one->first);
    const std::set<std::string>& jobs = found == held.end() ? nothing : found->second;
    Entry& entry = one->second;
    std::erase_if(entry.held_before, [&](const std::string& job) { return !jobs.contains(job); });
    std::erase_if(entry.held_since, [&](const auto& since) { return !jobs.contains(since.first); });
    for (const std::string& job : jobs) {
      if (!entry.held_before.contains(job)) entry.held_since.emplace(job, now);
    }
    const bool owns = std::any_of(entry.held_since.begin(), entry.held_since.end(),
                                  [&](const auto& since) { return now > since.second + lease_; });
    const bool forgotten = now > entry.until + forgotten_after;
    one = owns || forgotten ? entries_.erase(one) : std::next(one);
  }
}

bool ReceiverBackoffs::in_backoff(const std::string& id, Instant now) const {
  const auto found = entries_.find(id);
  return found != entries_.end() && now < found->second.until;
}

}  // namespace baton

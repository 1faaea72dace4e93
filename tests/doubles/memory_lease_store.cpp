#include "tests/doubles/memory_lease_store.h"

#include <fmt/format.h>

namespace baton {
namespace {

Status refused(const std::string& key) {
  return fail(ErrorKind::conflict, fmt::format("lease {}: the record is not what was expected", key));
}

}  // namespace

Result<std::string> MemoryLeaseStore::identity(Duration /*timeout*/) { return identity_; }

Result<std::optional<LeaseRecord>> MemoryLeaseStore::read(const std::string& key, Duration /*timeout*/) {
  const std::scoped_lock lock(mutex_);
  const auto found = records_.find(key);
  if (found == records_.end()) return std::optional<LeaseRecord>();
  return std::optional<LeaseRecord>(found->second);
}

Result<std::vector<LeaseRecord>> MemoryLeaseStore::list(Duration /*timeout*/) {
  const std::scoped_lock lock(mutex_);
  std::vector<LeaseRecord> all;
  all.reserve(records_.size());
  for (const auto& [key, record] : records_) all.push_back(record);
  return all;
}

Status MemoryLeaseStore::take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen, Duration /*timeout*/) {
  const std::scoped_lock lock(mutex_);
  const auto found = records_.find(mine.key);
  const bool absent = found == records_.end();
  if (absent != !seen) return refused(mine.key);
  if (seen && (found->second.version != seen->version || found->second.released != seen->released)) {
    return refused(mine.key);
  }
  records_.insert_or_assign(mine.key, mine);
  return {};
}

std::vector<Status> MemoryLeaseStore::renew(std::span<const LeaseRenewal> renewals, Duration /*timeout*/) {
  const std::scoped_lock lock(mutex_);
  std::vector<Status> answers;
  answers.reserve(renewals.size());
  for (const LeaseRenewal& renewal : renewals) {
    const auto found = records_.find(renewal.key);
    if (found == records_.end() || found->second.released || found->second.owner_name != renewal.owner_name ||
        found->second.version != renewal.version) {
      answers.push_back(refused(renewal.key));
      continue;
    }
    found->second.version = renewal.new_version;
    found->second.lease_duration = renewal.lease_duration;
    answers.emplace_back();
  }
  return answers;
}

Status MemoryLeaseStore::release(const std::string& key, const std::string& owner_name, const std::string& version,
                                 Duration /*timeout*/) {
  const std::scoped_lock lock(mutex_);
  const auto found = records_.find(key);
  if (found == records_.end() || found->second.owner_name != owner_name || found->second.version != version) {
    return refused(key);
  }
  found->second.released = true;
  return {};
}

}  // namespace baton

#include "lease/take_lease.h"

namespace baton {

TakeDecision decide_take(const std::optional<LeaseRecord>& record, const std::string& owner_name,
                         LeaseObserver& observer, Instant now) {
  using Kind = TakeDecision::Kind;
  if (!record) return {Kind::take, std::nullopt, {}};
  if (record->released) return {Kind::take, record, {}};
  if (record->owner_name == owner_name) return {Kind::mine, record, {}};
  observer.observe(*record, now);
  if (observer.expired(*record, now)) return {Kind::take, record, {}};
  // A key that a full observer does not follow: the caller's own refresh looks again.
  return {Kind::wait, record, observer.decide_at(record->key).value_or(Instant::max())};
}

LeaseRecord record_to_take(const std::string& key, const std::string& owner_name, Duration lease_duration,
                           const std::string& new_version, const std::optional<LeaseRecord>& seen) {
  LeaseRecord mine;
  mine.key = key;
  mine.owner_name = owner_name;
  mine.lease_duration = lease_duration;
  mine.version = new_version;
  if (seen) mine.data = seen->data;
  return mine;
}

bool take_is_proven(const LeaseRecord& written, const std::optional<LeaseRecord>& read_back) {
  return read_back && !read_back->released && read_back->owner_name == written.owner_name &&
         read_back->version == written.version;
}

}  // namespace baton

#include "runtime/lock_probe.h"

#include "lease/probe_name.h"
#include "lease/take_lease.h"

#include <algorithm>

namespace baton {

// One listing tells which locks are worth a try.
Result<std::set<std::string>> LockProbe::idle(const std::vector<std::string>& keys, const std::stop_token& stop) {
  BATON_TRY(const std::vector<LeaseRecord> records, store_.list(lease_));
  const Instant now = clock_.now();
  std::set<std::string> idle;
  for (const std::string& key : keys) {
    if (stop.stop_requested()) return fail(ErrorKind::retry, "stopped");
    const auto record = std::find_if(records.begin(), records.end(), [&](const auto& one) { return one.key == key; });
    if (record != records.end()) observer_.observe(*record, now);
    const bool held = record != records.end() && !record->released && record->owner_name != owner_name_ &&
                      !observer_.expired(*record, now);
    // Another probe has it: whether an owner wants it, the next round tells.
    if (held) continue;
    BATON_TRY(const bool got, try_one(key));
    if (got) idle.insert(key);
  }
  return idle;
}

Result<bool> LockProbe::try_one(const std::string& key) {
  BATON_TRY(const std::optional<LeaseRecord> record, store_.read(key, lease_));
  const TakeDecision decision = decide_take(record, owner_name_, observer_, clock_.now());
  if (decision.kind == TakeDecision::Kind::wait) return false;
  if (decision.kind == TakeDecision::Kind::mine) {  // of an earlier round, whose answer was lost
    give_back(*decision.seen);
    return true;
  }
  const LeaseRecord mine = record_to_take(key, owner_name_, lease_, uuid(random_), decision.seen);
  const Status taken = store_.take(mine, decision.seen, lease_);
  if (taken) {
    give_back(mine);
    return true;
  }
  if (taken.error().kind == ErrorKind::conflict) return false;  // somebody was quicker
  if (taken.error().kind == ErrorKind::unknown_outcome) give_back(mine);
  return fail(taken.error());
}

// What is not given back runs out, since nothing renews it.
void LockProbe::give_back(const LeaseRecord& mine) {
  static_cast<void>(store_.release(mine.key, owner_name_, mine.version, lease_));
}

}  // namespace baton

#include "runtime/lock_probe.h"

#include "lease/probe_name.h"
#include "lease/take_lease.h"

#include <algorithm>
#include <unordered_map>

namespace baton {

struct LockProbe::Round {
  std::unordered_map<std::string_view, const LeaseRecord*> records;  // as listed
  std::vector<LeaseTake> takes;                                      // worth a try
  std::vector<LeaseRelease> left;                                    // of an earlier round, whose answer was lost
  std::vector<std::string> contested;                                // somebody was quicker
  std::set<std::string> idle;
};

// The listing may be behind. What it shows is only where a take starts from: a lock that has changed since is refused.
Result<std::set<std::string>> LockProbe::idle(const std::vector<std::string>& keys, const std::stop_token& stop) {
  BATON_TRY(const std::vector<LeaseRecord> records, store_.list(lease_));
  Round round;
  for (const LeaseRecord& record : records) round.records.emplace(record.key, &record);
  sort(round, keys);
  give_back(round.left);
  std::span<const LeaseTake> takes(round.takes);
  while (!takes.empty()) {
    if (stop.stop_requested()) return fail(ErrorKind::retry, "stopped");
    const auto next = takes.first(std::min(batch, takes.size()));
    BATON_CHECK(try_batch(round, next));
    takes = takes.subspan(next.size());
  }
  if (!round.contested.empty()) BATON_CHECK(look_again(round));
  return std::move(round.idle);
}

void LockProbe::sort(Round& round, const std::vector<std::string>& keys) {
  const Instant now = clock_.now();
  for (const std::string& key : keys) {
    const auto known = round.records.find(key);
    std::optional<LeaseRecord> record;
    if (known != round.records.end()) record = *known->second;
    const TakeDecision decision = decide_take(record, owner_name_, observer_, now);
    switch (decision.kind) {
      case TakeDecision::Kind::take:
        round.takes.push_back({record_to_take(key, owner_name_, lease_, uuid(random_), decision.seen), decision.seen});
        break;
      case TakeDecision::Kind::mine:
        round.left.push_back({key, owner_name_, record->version});
        round.idle.insert(key);
        break;
      case TakeDecision::Kind::wait:
        if (is_probe(record->owner_name)) round.idle.insert(key);
    }
  }
}

Status LockProbe::try_batch(Round& round, std::span<const LeaseTake> takes) {
  std::vector<LeaseRelease> mine;
  Status failed;
  store_.take_all(takes, lease_, [&](std::size_t index, const Status& taken) {
    const LeaseRecord& wanted = takes[index].mine;
    if (!taken && taken.error().kind == ErrorKind::conflict) return round.contested.push_back(wanted.key);
    if (taken) round.idle.insert(wanted.key);
    if (taken || taken.error().kind == ErrorKind::unknown_outcome) {
      mine.push_back({wanted.key, owner_name_, wanted.version});
    }
    if (!taken) failed = taken;
  });
  give_back(mine);
  return failed;
}

// Once for all of them: where several probes meet there may be many.
Status LockProbe::look_again(Round& round) {
  BATON_TRY(const std::vector<LeaseRecord> records, store_.list(lease_));
  const std::set<std::string> contested(round.contested.begin(), round.contested.end());
  for (const LeaseRecord& record : records) {
    const bool held = !record.released && !is_probe(record.owner_name);
    if (!held && contested.contains(record.key)) round.idle.insert(record.key);
  }
  return {};
}

// What is not given back runs out, since nothing renews it.
void LockProbe::give_back(const std::vector<LeaseRelease>& mine) {
  if (!mine.empty()) store_.release_all(mine, lease_, [](std::size_t, const Status&) {});
}

}  // namespace baton

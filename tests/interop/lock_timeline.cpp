#include "tests/interop/lock_timeline.h"

#include <optional>
#include <utility>

namespace baton {
namespace {

std::string owner_in(const LockSight& sight, const std::string& lock) {
  const auto found = sight.owners.find(lock);
  return found == sight.owners.end() ? "" : found->second;
}

}  // namespace

void LockTimeline::add(LockSight sight) { sights_.push_back(std::move(sight)); }

std::vector<std::string> LockTimeline::owners(const std::string& lock) const {
  std::vector<std::string> owners;
  for (const LockSight& sight : sights_) {
    const std::string owner = owner_in(sight, lock);
    if (!owner.empty() && (owners.empty() || owners.back() != owner)) owners.push_back(owner);
  }
  return owners;
}

std::vector<OwnerChange> LockTimeline::changes(const std::string& lock) const {
  std::vector<OwnerChange> changes;
  const LockSight* owned = nullptr;
  const LockSight* first_nobody = nullptr;
  const LockSight* last_nobody = nullptr;
  for (const LockSight& sight : sights_) {
    const std::string owner = owner_in(sight, lock);
    if (owner.empty()) {
      if (first_nobody == nullptr) first_nobody = &sight;
      last_nobody = &sight;
      continue;
    }
    if (owned != nullptr && owner != owner_in(*owned, lock)) {
      const auto nobody =
          first_nobody == nullptr ? std::chrono::nanoseconds(0) : last_nobody->ended - first_nobody->begun;
      changes.push_back({owner_in(*owned, lock), owner, owned->begun, sight.ended, nobody});
    }
    owned = &sight;
    first_nobody = nullptr;
  }
  return changes;
}

bool LockTimeline::may_have_held(const std::string& lock, const std::string& owner, std::chrono::nanoseconds at) const {
  const LockSight* before = nullptr;
  for (const LockSight& sight : sights_) {
    if (sight.ended <= at) {
      before = &sight;
      continue;
    }
    if (before != nullptr && owner_in(*before, lock) == owner) return true;
    before = nullptr;
    if (owner_in(sight, lock) == owner) return true;
    if (sight.begun >= at) return false;
  }
  return before != nullptr && owner_in(*before, lock) == owner;
}

}  // namespace baton

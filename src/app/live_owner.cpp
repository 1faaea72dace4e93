#include "app/live_owner.h"

#include "replica/ownership_reason.h"

#include <algorithm>

namespace baton {

Result<std::optional<std::string>> LiveOwners::of(const std::string& job) {
  BATON_TRY(const RepositoryView view, replicas_.look());
  const auto live = [&](const ReplicaRow& row) { return looks_live(row, view.now); };
  if (std::none_of(view.replicas.begin(), view.replicas.end(), live)) return std::optional<std::string>();
  BATON_TRY(const std::optional<LeaseRecord> lease, leases_.read(job, timeout_));
  if (!lease || lease->released) return std::optional<std::string>();
  const auto owns = [&](const ReplicaRow& row) { return row.id == lease->owner_name && live(row); };
  const bool owned = std::any_of(view.replicas.begin(), view.replicas.end(), owns);
  return owned ? std::optional(lease->owner_name) : std::nullopt;
}

}  // namespace baton

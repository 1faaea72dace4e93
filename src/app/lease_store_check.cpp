#include "app/lease_store_check.h"

#include "sqlite/recorded_lease_store.h"

namespace baton {

Status check_lease_store(const Config& config, const Stores& stores) {
  if (!stores.repository_exists()) return {};
  const auto repository = SqliteConnection::open(stores.repository_path(), SqliteAccess::read_only);
  if (!repository) return {};
  const auto recorded = recorded_lease_store(**repository);
  if (!recorded || !*recorded) return {};
  if (!stores.lease_store_exists()) {
    return fail(other_lease_store(**repository, **recorded, config.locks.database.shown + ", which is not there"));
  }
  const auto leases = stores.lease_store();
  if (!leases) return {};
  const auto identity = (*leases)->identity(*config.locks.heartbeat);
  if (!identity || *identity == **recorded) return {};
  return fail(other_lease_store(**repository, **recorded, *identity));
}

}  // namespace baton

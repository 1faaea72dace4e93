#include "app/lease_store_check.h"

namespace baton {

Status check_lease_store(const Config& config, const Stores& stores) {
  const auto repository = stores.find_repository(RepositoryAccess::read_only);
  if (!repository || *repository == nullptr) return {};
  const auto recorded = (*repository)->record().lease_store();
  if (!recorded || !*recorded) return {};
  const auto leases = stores.find_lease_store();
  if (!leases) return {};
  return check_lease_store(config, stores, **repository, leases->get());
}

Status check_lease_store(const Config& config, const Stores& stores, Repository& repository, LeaseStore* leases) {
  RepositoryRecord& record = repository.record();
  const auto recorded = record.lease_store();
  if (!recorded || !*recorded) return {};
  // Another one than the recorded one is refused, so that this changes nothing.
  if (leases == nullptr) return record.adopt_lease_store(stores.lease_store_shown() + ", which is not there");
  const auto identity = leases->identity(*config.locks.heartbeat);
  if (!identity || *identity == **recorded) return {};
  return record.adopt_lease_store(*identity);
}

}  // namespace baton

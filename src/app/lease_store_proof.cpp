#include "app/lease_store_proof.h"

namespace baton {

// A lease store that is away is no reason to take the repository for away. Leases that are held stay so: they were
// taken from the store that was known.
Result<bool> LeaseStoreProof::give(RepositoryRecord& record) {
  const auto identity = leases_.identity(timeout_);
  if (!identity) {
    leases_.refuse(identity.error());
    if (!known_ && identity.error().kind == ErrorKind::invalid) return fail(identity.error());
    if (known_) BATON_CHECK(record.adopt_lease_store(*known_));
    return false;
  }
  BATON_CHECK(record.adopt_lease_store(*identity));
  known_ = *identity;
  leases_.refuse(std::nullopt);
  return true;
}

}  // namespace baton

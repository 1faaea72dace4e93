// P8: from a lease to an ownership.
#pragma once

#include "batch/authority.h"
#include "batch/database.h"
#include "batch/repository_record.h"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace baton {

struct OwnershipRequest {
  std::string job;
  std::string replica;
  Database* repository = nullptr;
  std::vector<Database*> targets;  // of the configuration; the repository may be among them
  bool repository_only = false;    // P16: fences no target; the record of targets stays as it is
  // Opens a database that only the record names; an error means it cannot be reached now.
  std::function<Result<std::unique_ptr<Database>>(const std::string& identity)> open_recorded;
  std::function<void(const std::string&)> warn;
  std::stop_token stop = {};  // ends the waits
};

// For the repository first, then each target:
//   1. read the fence f
//   2. renew the lease, by a renewal sent after the fence was read: it was still mine then
//   3. set the fence to f + 1 where it is f; on a conflict or an unknown outcome again from 1
//   4. end the transactions that are older than that (P9)
// The targets are recorded in the transaction that raises the repository's fence, before they are raised themselves. A
// database that only the record names and that cannot be reached is skipped with a warning and stays recorded.
// `lease_lost` when the lease is not mine any more; `retry` when the time ran out first: as much as the lease was
// trusted for at the call, or its trust; or when `stop` was requested during a wait.
Result<Ownership> become_owner(const OwnershipRequest& request, RepositoryRecord& record, LeaseHold& lease,
                               Clock& clock);

}  // namespace baton

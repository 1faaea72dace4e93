// Of which jobs a replica forgets the past.
#pragma once

#include "batch/replicas.h"
#include "lease/lease_record.h"

#include <string>
#include <vector>

namespace baton {

struct PruneFacts {
  std::string replica;                  // me
  std::vector<std::string> configured;  // my jobs, in the configuration's order
  std::vector<LeaseRecord> leases;      // all that there are
  RepositoryView view;
};

// Each job's past is its owner's to forget. A job that is in no configuration any more, and that nobody holds, falls to
// the owner of the first configured job. What another program runs in the same repository is left alone.
std::vector<std::string> jobs_to_prune(const PruneFacts& facts);

}  // namespace baton

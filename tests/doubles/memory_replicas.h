// What replicas know of each other, in a MemoryStore.
#pragma once

#include "batch/replicas.h"
#include "tests/doubles/memory_database.h"

#include <string>
#include <vector>

namespace baton {

// `clock` is the repository's.
class MemoryReplicas final : public Replicas {
 public:
  MemoryReplicas(MemoryStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  Status beat(const ReplicaRow& mine, const std::vector<std::string>& jobs) override;
  Result<RepositoryView> look() override;
  Status offer(const std::string& job, const Offer& offer, Duration valid) override;
  Status clear_offer(const std::string& job) override;
  Status answer_request(const Authority& authority, const std::string& request_id, const std::string& text) override;
  Status leave(const std::string& replica) override;

 private:
  MemoryStore& store_;
  const Clock& clock_;
};

}  // namespace baton

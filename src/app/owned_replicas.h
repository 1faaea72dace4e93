// The replicas of a repository, together with the repository's connection.
#pragma once

#include "batch/repository.h"

#include <memory>

namespace baton {

class OwnedReplicas final : public Replicas {
 public:
  explicit OwnedReplicas(std::unique_ptr<Repository> repository) : repository_(std::move(repository)) {}

  Status beat(const ReplicaRow& mine, const std::vector<std::string>& jobs) override { return all().beat(mine, jobs); }
  Result<RepositoryView> look() override { return all().look(); }
  Status offer(const std::string& job, const Offer& offer, Duration valid) override {
    return all().offer(job, offer, valid);
  }
  Status clear_offer(const std::string& job) override { return all().clear_offer(job); }
  Status answer_request(const Authority& authority, const std::string& request_id, const std::string& text) override {
    return all().answer_request(authority, request_id, text);
  }
  Status leave(const std::string& replica) override { return all().leave(replica); }

 private:
  Replicas& all() { return repository_->replicas(); }

  std::unique_ptr<Repository> repository_;
};

}  // namespace baton

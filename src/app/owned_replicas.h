// The replicas of a repository, together with the repository's connection.
#pragma once

#include "app/lease_store_proof.h"
#include "batch/repository.h"

#include <memory>
#include <utility>

namespace baton {

class OwnedReplicas final : public Replicas {
 public:
  // `lacks_proof`: asked for at each look, until it is given; null: it was.
  OwnedReplicas(std::unique_ptr<Repository> repository, LeaseStoreProof* lacks_proof)
      : repository_(std::move(repository)), lacks_proof_(lacks_proof) {}

  Status beat(const ReplicaRow& mine, const std::vector<std::string>& jobs) override { return all().beat(mine, jobs); }
  Result<RepositoryView> look() override {
    if (lacks_proof_ != nullptr && std::exchange(looked_, true)) {
      BATON_TRY(const bool given, lacks_proof_->give(repository_->record()));
      if (given) lacks_proof_ = nullptr;
    }
    return all().look();
  }
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
  LeaseStoreProof* lacks_proof_;
  bool looked_ = false;
};

}  // namespace baton

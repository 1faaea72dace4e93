// Credentials that a test gives, and others once the first are refused.
#pragma once

#include "dynamodb/credentials_provider.h"

#include <atomic>
#include <vector>

namespace baton {

// Thread-safe.
class GivenCredentials final : public AwsCredentialsProvider {
 public:
  explicit GivenCredentials(std::vector<AwsCredentials> one_after_another) {
    for (AwsCredentials& one : one_after_another) {
      given_.push_back(std::make_shared<const AwsCredentials>(std::move(one)));
    }
  }

  Result<std::shared_ptr<const AwsCredentials>> get(Duration) override { return given_.at(at_); }
  bool renew_instead_of(const AwsCredentials&) override {
    if (at_ + 1 >= given_.size()) return false;
    ++at_;
    return true;
  }

 private:
  std::vector<std::shared_ptr<const AwsCredentials>> given_;
  std::atomic<std::size_t> at_ = 0;
};

}  // namespace baton

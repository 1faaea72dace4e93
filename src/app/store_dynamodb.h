// The lease store of a configuration that is a table in DynamoDB.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "config/config.h"
#include "dynamodb/credentials_provider.h"
#include "dynamodb/lease_store.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace baton {

// What a person should know of stores that work; called in the threads of their calls.
struct StoreNotices {
  std::function<void(const std::string&)> info;
  std::function<void(const std::string&)> warn;
};

// Thread-safe. Credentials are looked for at the first call, and then shared by all. Region, endpoint and credentials
// that the configuration does not name come from the environment as AWS's SDKs read it.
class DynamoStores {
 public:
  // REQUIRES: every call but the constructor: config.locks.dynamodb. All outlives it.
  DynamoStores(const Config& config, Clock& clock, Random& random, StoreNotices notices)
      : config_(config), clock_(clock), random_(random), notices_(std::move(notices)) {}

  // For people: the table, its region and endpoint.
  std::string shown() const;
  // As the lease store's (P8), without a call.
  Result<std::string> identity() const;
  // With a first read: `invalid` where there is no such table, among others.
  Result<std::unique_ptr<LeaseStore>> open_leases();
  // Without a call.
  Result<std::unique_ptr<LeaseStore>> make_leases();
  // True where it was missing.
  Result<bool> make_table();

 private:
  const DynamoDbConfig& dynamodb() const { return *config_.locks.dynamodb; }
  LockTable table() const;
  Result<DynamoLeaseSettings> settings() const;
  Result<DynamoEndpoint> endpoint() const;
  Result<std::shared_ptr<AwsCredentialsProvider>> credentials();

  const Config& config_;
  Clock& clock_;
  Random& random_;
  const StoreNotices notices_;
  std::mutex mutex_;
  std::shared_ptr<AwsCredentialsProvider> credentials_;
};

}  // namespace baton

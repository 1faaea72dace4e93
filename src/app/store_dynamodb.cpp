#include "app/store_dynamodb.h"

#include "dynamodb/aws_environment.h"
#include "dynamodb/credentials_chain.h"
#include "dynamodb/lease_store.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

constexpr Duration least_patience(2'000);  // with credentials and the first read
constexpr Duration patience_with_making(120'000);

// What the environment lacks is asked of the file that counts on it.
template <class T>
Result<T> placed(const DynamoDbConfig& config, Result<T> result) {
  if (result) return result;
  return fail(result.error().kind, fmt::format("{}: {}", config.table.place.text(), result.error().message));
}

}  // namespace

LockTable DynamoStores::table() const { return {*dynamodb().table, dynamodb().partition_key, dynamodb().sort_key}; }

Result<DynamoEndpoint> DynamoStores::endpoint() const {
  return placed(dynamodb(), dynamo_endpoint(dynamodb().region, dynamodb().endpoint, process_variables()));
}

std::string DynamoStores::shown() const {
  const auto found = endpoint();
  if (!found) return "DynamoDB table " + *dynamodb().table;
  return fmt::format("DynamoDB table {} in {} ({})", *dynamodb().table, found->region, found->url);
}

Result<std::string> DynamoStores::identity() const {
  BATON_TRY(const DynamoEndpoint where, endpoint());
  return dynamo_identity(table(), where);
}

Result<std::shared_ptr<AwsCredentialsProvider>> DynamoStores::credentials() {
  const std::scoped_lock lock(mutex_);
  if (credentials_ == nullptr) {
    BATON_TRY(credentials_, placed(dynamodb(), default_credentials(dynamodb().access_key, dynamodb().secret_key,
                                                                   process_variables(), clock_, notices_.info)));
  }
  return credentials_;
}

Result<DynamoLeaseSettings> DynamoStores::settings() const {
  DynamoLeaseSettings settings;
  settings.table = table();
  BATON_TRY(settings.endpoint, endpoint());
  for (const JobConfig& job : config_.jobs) settings.known_keys.push_back(*job.name);
  settings.warn = notices_.warn;
  return settings;
}

Result<std::unique_ptr<LeaseStore>> DynamoStores::open_leases() {
  BATON_TRY(DynamoLeaseSettings settings, this->settings());
  BATON_TRY(const auto signing, credentials());
  return open_dynamo_lease_store(std::move(settings), signing, clock_, random_,
                                 std::max(least_patience, *config_.locks.heartbeat));
}

Result<std::unique_ptr<LeaseStore>> DynamoStores::make_leases() {
  BATON_TRY(DynamoLeaseSettings settings, this->settings());
  BATON_TRY(const auto signing, credentials());
  return make_dynamo_lease_store(std::move(settings), signing, clock_, random_);
}

Result<bool> DynamoStores::make_table() {
  BATON_TRY(const DynamoEndpoint where, endpoint());
  BATON_TRY(const auto signing, credentials());
  return make_lock_table(table(), where, signing, clock_, random_, patience_with_making);
}

}  // namespace baton

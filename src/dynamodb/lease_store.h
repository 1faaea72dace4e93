// Leases in a DynamoDB table that replicas share with AWS's Java lock client (P1–P5).
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "dynamodb/credentials_provider.h"
#include "dynamodb/dynamo_client.h"
#include "dynamodb/lock_item.h"
#include "lease/lease_store.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace baton {

struct DynamoLeaseSettings {
  LockTable table;
  DynamoEndpoint endpoint;
  // What to list where Scan is not permitted, by BatchGetItem.
  std::vector<std::string> known_keys;
  // Told once about each item that is no lock, and about a Scan that is not permitted. Called in the threads of calls.
  std::function<void(const std::string&)> warn;
};

// A random id cannot be kept where nothing but locks may be: it is made of region, table, keys, and of the endpoint
// where that is not AWS's own. Two accounts with a table of one name are not told apart.
std::string dynamo_identity(const LockTable& table, const DynamoEndpoint& endpoint);

// Without a call: the store's own ones try table, keys and credentials, and identity() reads an item first.
std::unique_ptr<LeaseStore> make_dynamo_lease_store(DynamoLeaseSettings settings,
                                                    const std::shared_ptr<AwsCredentialsProvider>& credentials,
                                                    Clock& clock, Random& random);

// Reads one item, so that table, keys, credentials and the permission to read are tried at once: `invalid` where a
// person must change something, `retry` where time can heal it. Needs GetItem, PutItem, UpdateItem, and Scan or
// BatchGetItem. Clock and random outlive it. Renewals have connections of their own and wait for nothing else.
Result<std::unique_ptr<LeaseStore>> open_dynamo_lease_store(DynamoLeaseSettings settings,
                                                            const std::shared_ptr<AwsCredentialsProvider>& credentials,
                                                            Clock& clock, Random& random, Duration timeout);

// Makes the table, billed by request, where it is missing (CreateTable, DescribeTable), and waits until it serves; true
// if it was missing. `invalid` where it has other keys.
Result<bool> make_lock_table(const LockTable& table, const DynamoEndpoint& endpoint,
                             std::shared_ptr<AwsCredentialsProvider> credentials, Clock& clock, Random& random,
                             Duration timeout);

}  // namespace baton

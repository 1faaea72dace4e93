// The dynalite that ctest starts for the tests marked DYNAMODB (or $BATON_TEST_DYNAMODB), and tables in it.
#pragma once

#include "dynamodb/credentials_provider.h"
#include "dynamodb/dynamo_client.h"
#include "dynamodb/lock_item.h"

#include <memory>
#include <string>

namespace baton {

// Ends the test program with a word on how to get one where there is none.
DynamoEndpoint dynalite_endpoint();
// It takes any.
std::shared_ptr<AwsCredentialsProvider> dynalite_credentials();

// Keys of `locks` of a configuration: this table there. `more` are further keys of locks.dynamodb.
std::string locks_in_dynamodb(const LockTable& table, const DynamoEndpoint& endpoint, const std::string& more);

// A new table of locks with a random name. It goes with the server: it is in memory.
LockTable new_lock_table(LockTable like = {});

}  // namespace baton

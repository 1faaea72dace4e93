// What the tests of the real program with locks in DynamoDB share.
#pragma once

#include "dynamodb/dynamo_client.h"
#include "dynamodb/lock_item.h"
#include "tests/doubles/dynalite.h"
#include "tests/process/process_test.h"
#include "tests/process/replica_config.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace baton {

using Environment = std::vector<std::pair<std::string, std::string>>;

class DynamoProcessTest : public ProcessTest {
 protected:
  // The locks of a SQLite repository in this table. `more` are further keys of locks.dynamodb.
  void configure(const LockTable& table, const DynamoEndpoint& endpoint, const std::string& more,
                 std::string jobs = sql_job("a", once_an_hour)) const {
    ReplicaConfig config;
    config.tokens = 2;
    config.locks = locks_in_dynamodb(table, endpoint, more);
    config.jobs = std::move(jobs);
    workspace_.write("baton.yaml", config.text());
  }

  ProgramRequest request(std::vector<std::string> arguments, const Environment& environment = {}) const {
    ProgramRequest request = workspace_.request(std::move(arguments));
    request.environment = environment;  // the first of a name counts
    request.environment.insert(request.environment.end(), nobodys_.begin(), nobodys_.end());
    return request;
  }
  ProgramEnd run(std::vector<std::string> arguments, const Environment& environment = {}) const {
    return run_to_end(request(std::move(arguments), environment));
  }

  // No credentials, whoever runs the tests.
  const Environment nobodys_{{"AWS_ACCESS_KEY_ID", ""},
                             {"AWS_SECRET_ACCESS_KEY", ""},
                             {"AWS_SESSION_TOKEN", ""},
                             {"AWS_PROFILE", ""},
                             {"AWS_ROLE_ARN", ""},
                             {"AWS_WEB_IDENTITY_TOKEN_FILE", ""},
                             {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", ""},
                             {"AWS_CONTAINER_CREDENTIALS_FULL_URI", ""},
                             {"AWS_CONFIG_FILE", "/nonexistent/config"},
                             {"AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials"},
                             {"AWS_REGION", ""},
                             {"AWS_DEFAULT_REGION", ""},
                             {"AWS_EC2_METADATA_DISABLED", "true"}};
};

}  // namespace baton

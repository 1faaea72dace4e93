// What AWS's SDKs read from the environment and from the files of a profile
// (https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html).
#pragma once

#include "baton/result.h"
#include "dynamodb/dynamo_client.h"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace baton {

// A variable's value; empty where it is not set.
using AwsVariables = std::function<std::optional<std::string>(const std::string& name)>;

AwsVariables process_variables();

// A variable that is set and not empty.
std::optional<std::string> set_variable(const AwsVariables& variables, const std::string& name);

struct AwsProfile {
  std::string name;
  std::map<std::string, std::string, std::less<>> values;  // "region" → "eu-central-1"

  std::optional<std::string> value(const std::string& key) const;
};

// The profile AWS_PROFILE, else `default`, of AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials) and AWS_CONFIG_FILE
// (~/.aws/config); the first has precedence. Empty if there is none; `invalid` if it is named and is not there.
Result<std::optional<AwsProfile>> aws_profile(const AwsVariables& variables);

// The authorities of AWS's certificates, as PEM: AWS_CA_BUNDLE, the profile's ca_bundle; empty: the machine's.
std::optional<std::string> ca_bundle(const AwsVariables& variables);

// The region: configured, AWS_REGION, AWS_DEFAULT_REGION, the profile's. The endpoint: configured,
// AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL, the profile's endpoint_url, else the region's own. `invalid` without a
// region, or with an endpoint that is no http URL.
Result<DynamoEndpoint> dynamo_endpoint(const std::optional<std::string>& region,
                                       const std::optional<std::string>& endpoint, const AwsVariables& variables);

}  // namespace baton

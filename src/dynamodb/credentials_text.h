// Credentials as AWS's sources write them. None of the errors shows what was read.
#pragma once

#include "baton/result.h"
#include "dynamodb/credentials_provider.h"

#include <optional>
#include <string>
#include <string_view>

namespace baton {

// "2026-11-23T01:02:03Z", also with fractions of a second or with +01:00.
std::optional<WallTime> aws_time(std::string_view text);

// The JSON of credential_process, container endpoints and instance metadata: AccessKeyId, SecretAccessKey,
// SessionToken or Token, Expiration.
Result<AwsCredentials> credentials_in_json(std::string_view text);

// The XML of STS's AssumeRoleWithWebIdentity.
Result<AwsCredentials> credentials_in_xml(std::string_view text);
// <Code> and <Message> of STS's errors.
std::string xml_error(std::string_view text);

}  // namespace baton

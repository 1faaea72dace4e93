// The places that credentials come from
// (https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html).
#pragma once

#include "base/clock.h"
#include "base/redacted.h"
#include "baton/result.h"
#include "dynamodb/aws_environment.h"
#include "dynamodb/credentials_provider.h"
#include "http/client.h"

#include <memory>
#include <optional>
#include <string>

namespace baton {

// Used by one thread at a time.
class AwsCredentialsSource {
 public:
  AwsCredentialsSource() = default;
  AwsCredentialsSource(const AwsCredentialsSource&) = delete;
  AwsCredentialsSource& operator=(const AwsCredentialsSource&) = delete;
  virtual ~AwsCredentialsSource() = default;

  // Empty where nobody has set this source up. `invalid` where it is set up wrongly or refused, `retry` where it did
  // not answer.
  virtual Result<std::optional<AwsCredentials>> fetch(Instant until) = 0;
};

using AwsCredentialsSourcePtr = std::unique_ptr<AwsCredentialsSource>;

AwsCredentialsSourcePtr configured_credentials(std::string access_key, Redacted<std::string> secret_key);
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
AwsCredentialsSourcePtr environment_credentials(AwsVariables variables);
// AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE, exchanged at STS: roles of Kubernetes' service accounts.
AwsCredentialsSourcePtr web_identity_credentials(AwsVariables variables, HttpClient& http);
// Of a profile: keys, credential_process, or role_arn with web_identity_token_file. Not SSO and not source_profile.
AwsCredentialsSourcePtr profile_credentials(AwsVariables variables, HttpClient& http, const Clock& clock);
// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI: ECS tasks, and EKS Pod Identity.
AwsCredentialsSourcePtr container_credentials(AwsVariables variables, HttpClient& http);
// The role of an EC2 instance, by instance metadata version 2. An instance without a role, or no instance, is nothing.
AwsCredentialsSourcePtr instance_credentials(AwsVariables variables, HttpClient& http, const Clock& clock);

struct WebIdentity {
  std::string role_arn;
  std::string token_file;
  std::string session_name;
  std::string sts_url;
  std::optional<std::string> ca_file;
};
// STS as the variables say, or of their region; else of the profile's region, or the one for all regions.
std::string sts_url(const AwsVariables& variables, const std::optional<std::string>& region_of_profile);

Result<AwsCredentials> assume_role_with(const WebIdentity& identity, HttpClient& http, Instant until);

// What a command prints, without a shell: its words are split at blanks, quotes keep them together. Its standard error
// is this process's.
Result<std::string> output_of_command(const std::string& command, const Clock& clock, Instant until);

}  // namespace baton

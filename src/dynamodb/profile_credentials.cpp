#include "dynamodb/credentials_source.h"
#include "dynamodb/credentials_text.h"

#include <fmt/format.h>

namespace baton {
namespace {

class ProfileCredentials final : public AwsCredentialsSource {
 public:
  ProfileCredentials(AwsVariables variables, HttpClient& http, const Clock& clock)
      : variables_(std::move(variables)), http_(http), clock_(clock) {}

  Result<std::optional<AwsCredentials>> fetch(Instant until) override;

 private:
  Result<AwsCredentials> from_process(const std::string& command, Instant until);
  Result<AwsCredentials> from_web_identity(const AwsProfile& profile, const std::string& token_file, Instant until);
  Result<std::optional<AwsCredentials>> found_in(const AwsProfile& profile, Instant until);

  const AwsVariables variables_;
  HttpClient& http_;
  const Clock& clock_;
};

Result<AwsCredentials> ProfileCredentials::from_process(const std::string& command, Instant until) {
  BATON_TRY(const std::string output, output_of_command(command, clock_, until));
  return credentials_in_json(output);
}

Result<AwsCredentials> ProfileCredentials::from_web_identity(const AwsProfile& profile, const std::string& token_file,
                                                             Instant until) {
  const auto role = profile.value("role_arn");
  if (!role) return fail(ErrorKind::invalid, "it has web_identity_token_file and no role_arn; set both");
  const WebIdentity identity{*role, token_file, profile.value("role_session_name").value_or("baton"),
                             sts_url(variables_, profile.value("region")), ca_bundle(variables_)};
  return assume_role_with(identity, http_, until);
}

Result<std::optional<AwsCredentials>> ProfileCredentials::found_in(const AwsProfile& profile, Instant until) {
  if (const auto token_file = profile.value("web_identity_token_file")) {
    BATON_TRY(AwsCredentials found, from_web_identity(profile, *token_file, until));
    return std::optional<AwsCredentials>(std::move(found));
  }
  for (const char* other : {"source_profile", "credential_source", "sso_session", "sso_start_url", "login_session"}) {
    if (!profile.value(other)) continue;
    return fail(ErrorKind::invalid,
                fmt::format("{} is for the AWS CLI, not for Baton: set AWS_PROFILE to another profile, which has "
                            "credential_process = aws configure export-credentials --profile {}",
                            other, profile.name));
  }
  auto id = profile.value("aws_access_key_id");
  auto secret = profile.value("aws_secret_access_key");
  if (id && secret) {
    AwsCredentials found{*std::move(id), Redacted<std::string>(*std::move(secret)), std::nullopt, std::nullopt, {},
                         false};
    if (auto token = profile.value("aws_session_token")) {
      found.session_token = Redacted<std::string>(*std::move(token));
    }
    return std::optional<AwsCredentials>(std::move(found));
  }
  if (id || secret) {
    return fail(ErrorKind::invalid, "of aws_access_key_id and aws_secret_access_key it has only one; set both");
  }
  const auto command = profile.value("credential_process");
  if (!command) return std::optional<AwsCredentials>();
  BATON_TRY(AwsCredentials found, from_process(*command, until));
  return std::optional<AwsCredentials>(std::move(found));
}

Result<std::optional<AwsCredentials>> ProfileCredentials::fetch(Instant until) {
  BATON_TRY(const std::optional<AwsProfile> profile, aws_profile(variables_));
  if (!profile) return std::optional<AwsCredentials>();
  auto found = found_in(*profile, until);
  if (!found) return fail(found.error().kind, fmt::format("AWS profile {}: {}", profile->name, found.error().message));
  if (*found) (*found)->source = fmt::format("AWS profile {}", profile->name);
  return found;
}

}  // namespace

AwsCredentialsSourcePtr profile_credentials(AwsVariables variables, HttpClient& http, const Clock& clock) {
  return std::make_unique<ProfileCredentials>(std::move(variables), http, clock);
}

}  // namespace baton

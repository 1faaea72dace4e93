#include "dynamodb/credentials_source.h"

namespace baton {
namespace {

class ConfiguredCredentials final : public AwsCredentialsSource {
 public:
  ConfiguredCredentials(std::string access_key, Redacted<std::string> secret_key)
      : credentials_{std::move(access_key), std::move(secret_key), std::nullopt,
                     std::nullopt,          "the configuration",   true} {}

  Result<std::optional<AwsCredentials>> fetch(Instant) override { return std::optional<AwsCredentials>(credentials_); }

 private:
  const AwsCredentials credentials_;
};

class EnvironmentCredentials final : public AwsCredentialsSource {
 public:
  explicit EnvironmentCredentials(AwsVariables variables) : variables_(std::move(variables)) {}

  Result<std::optional<AwsCredentials>> fetch(Instant) override {
    auto id = set_variable(variables_, "AWS_ACCESS_KEY_ID");
    auto secret = set_variable(variables_, "AWS_SECRET_ACCESS_KEY");
    if (!id && !secret) return std::optional<AwsCredentials>();
    if (!id || !secret) {
      return fail(ErrorKind::invalid, "of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only one is set; set both");
    }
    AwsCredentials found{
        *std::move(id), Redacted<std::string>(*std::move(secret)), std::nullopt, std::nullopt, "the environment", true};
    if (auto token = set_variable(variables_, "AWS_SESSION_TOKEN")) {
      found.session_token = Redacted<std::string>(*std::move(token));
    }
    return std::optional<AwsCredentials>(std::move(found));
  }

 private:
  const AwsVariables variables_;
};

}  // namespace

AwsCredentialsSourcePtr configured_credentials(std::string access_key, Redacted<std::string> secret_key) {
  return std::make_unique<ConfiguredCredentials>(std::move(access_key), std::move(secret_key));
}

AwsCredentialsSourcePtr environment_credentials(AwsVariables variables) {
  return std::make_unique<EnvironmentCredentials>(std::move(variables));
}

}  // namespace baton

#include "dynamodb/credentials_source.h"
#include "dynamodb/credentials_text.h"

#include <fmt/format.h>
#include <fstream>
#include <iterator>

namespace baton {
namespace {

std::string form_value(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

class WebIdentityCredentials final : public AwsCredentialsSource {
 public:
  WebIdentityCredentials(AwsVariables variables, HttpClient& http) : variables_(std::move(variables)), http_(http) {}

  Result<std::optional<AwsCredentials>> fetch(Instant until) override {
    const auto file = set_variable(variables_, "AWS_WEB_IDENTITY_TOKEN_FILE");
    const auto role = set_variable(variables_, "AWS_ROLE_ARN");
    if (!file) return std::optional<AwsCredentials>();
    if (!role) return fail(ErrorKind::invalid, "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not; set both");
    const WebIdentity identity{*role, *file, set_variable(variables_, "AWS_ROLE_SESSION_NAME").value_or("baton"),
                               sts_url(variables_, {}), ca_bundle(variables_)};
    BATON_TRY(AwsCredentials found, assume_role_with(identity, http_, until));
    return std::optional<AwsCredentials>(std::move(found));
  }

 private:
  const AwsVariables variables_;
  HttpClient& http_;
};

}  // namespace

std::string sts_url(const AwsVariables& variables, const std::optional<std::string>& region_of_profile) {
  for (const char* name : {"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"}) {
    if (auto url = set_variable(variables, name)) return *std::move(url);
  }
  std::optional<std::string> region = region_of_profile;
  for (const char* name : {"AWS_DEFAULT_REGION", "AWS_REGION"}) {
    if (auto set = set_variable(variables, name)) region = std::move(set);
  }
  if (!region) return "https://sts.amazonaws.com";
  return fmt::format("https://sts.{}.amazonaws.com{}", *region, region->starts_with("cn-") ? ".cn" : "");
}

Result<AwsCredentials> assume_role_with(const WebIdentity& identity, HttpClient& http, Instant until) {
  std::ifstream stream(identity.token_file);
  const std::string token{std::istreambuf_iterator<char>(stream), {}};
  if (token.empty()) {
    return fail(ErrorKind::retry, fmt::format("cannot read the web identity token {}", identity.token_file));
  }
  HttpRequest request;
  request.url = identity.sts_url + "/";
  request.ca_file = identity.ca_file;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = fmt::format(
      "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn={}&RoleSessionName={}&WebIdentityToken={}",
      form_value(identity.role_arn), form_value(identity.session_name), form_value(token));
  const HttpAnswer answer = http.send(request, until);
  const std::string place = fmt::format("role {} by web identity at {}", identity.role_arn, identity.sts_url);
  if (answer.outcome != HttpAnswer::Outcome::answered) {
    return fail(ErrorKind::retry, fmt::format("{}: {}", place, answer.error));
  }
  if (answer.status != 200) {
    // A token that has run out is replaced by Kubernetes, and a provider that is away comes back.
    const std::string said = xml_error(answer.body);
    const bool heals = answer.status >= 500 || answer.status == 429 || said.starts_with("ExpiredToken") ||
                       said.starts_with("IDPCommunicationError") || said.starts_with("Throttling");
    return fail(heals ? ErrorKind::retry : ErrorKind::invalid,
                fmt::format("{}: {}{}", place, said, heals ? "" : "; check the role's trust policy"));
  }
  auto found = credentials_in_xml(answer.body);
  if (!found) return fail(found.error().kind, fmt::format("{}: {}", place, found.error().message));
  found->source = fmt::format("role {} by web identity", identity.role_arn);
  return found;
}

AwsCredentialsSourcePtr web_identity_credentials(AwsVariables variables, HttpClient& http) {
  return std::make_unique<WebIdentityCredentials>(std::move(variables), http);
}

}  // namespace baton

#include "dynamodb/credentials_source.h"
#include "dynamodb/credentials_text.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

// Off EC2 nobody answers at that address.
constexpr Duration patience(1'000);

class InstanceCredentials final : public AwsCredentialsSource {
 public:
  InstanceCredentials(AwsVariables variables, HttpClient& http, const Clock& clock)
      : variables_(std::move(variables)), http_(http), clock_(clock) {}

  Result<std::optional<AwsCredentials>> fetch(Instant until) override;

 private:
  HttpAnswer ask(const std::string& method, const std::string& path, const std::string& token, Instant until);

  const AwsVariables variables_;
  HttpClient& http_;
  const Clock& clock_;
  bool on_instance_ = false;  // it has answered once, so silence is an outage
};

HttpAnswer InstanceCredentials::ask(const std::string& method, const std::string& path, const std::string& token,
                                    Instant until) {
  std::string base = set_variable(variables_, "AWS_EC2_METADATA_SERVICE_ENDPOINT").value_or("http://169.254.169.254");
  while (base.ends_with('/')) base.pop_back();
  HttpRequest request;
  request.method = method;
  request.url = base + path;
  request.past_proxies = true;
  if (token.empty()) {
    request.headers.emplace_back("X-aws-ec2-metadata-token-ttl-seconds", "300");
  } else {
    request.headers.emplace_back("X-aws-ec2-metadata-token", token);
  }
  return http_.send(request, std::min(until, clock_.now() + patience));
}

Result<std::optional<AwsCredentials>> InstanceCredentials::fetch(Instant until) {
  const std::string roles = "/latest/meta-data/iam/security-credentials/";
  if (set_variable(variables_, "AWS_EC2_METADATA_DISABLED").value_or("") == "true") {
    return std::optional<AwsCredentials>();
  }
  const auto outage = [&](const HttpAnswer& answer) {
    return fail(ErrorKind::retry,
                fmt::format("instance metadata: {}", answer.outcome == HttpAnswer::Outcome::answered
                                                         ? fmt::format("HTTP status {}", answer.status)
                                                         : answer.error));
  };
  const auto good = [](const HttpAnswer& answer) {
    return answer.outcome == HttpAnswer::Outcome::answered && answer.status == 200 && !answer.body.empty();
  };
  const HttpAnswer token = ask("PUT", "/latest/api/token", "", until);
  if (!good(token) || token.body.find_first_of("\r\n") != token.body.npos) {
    if (on_instance_ || token.outcome == HttpAnswer::Outcome::answered) return outage(token);
    return std::optional<AwsCredentials>();
  }
  on_instance_ = true;
  const HttpAnswer role = ask("GET", roles, token.body, until);
  if (role.outcome == HttpAnswer::Outcome::answered && role.status == 404) return std::optional<AwsCredentials>();
  if (!good(role)) return outage(role);
  const std::string name = role.body.substr(0, role.body.find_first_of("\r\n"));
  const HttpAnswer answer = ask("GET", roles + name, token.body, until);
  if (!good(answer)) return outage(answer);
  auto found = credentials_in_json(answer.body);
  if (!found) return fail(found.error().kind, fmt::format("instance metadata: {}", found.error().message));
  found->source = fmt::format("the instance's role {}", name);
  return std::optional<AwsCredentials>(*std::move(found));
}

}  // namespace

AwsCredentialsSourcePtr instance_credentials(AwsVariables variables, HttpClient& http, const Clock& clock) {
  return std::make_unique<InstanceCredentials>(std::move(variables), http, clock);
}

}  // namespace baton

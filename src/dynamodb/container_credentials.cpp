#include "dynamodb/credentials_source.h"
#include "dynamodb/credentials_text.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace baton {
namespace {

std::string_view host_of(std::string_view url) {
  std::string_view rest = url.substr(url.find("://") + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const auto at = rest.rfind('@'); at != rest.npos) rest = rest.substr(at + 1);
  if (rest.starts_with('[')) return rest.substr(0, rest.find(']') + 1);
  return rest.substr(0, rest.find(':'));
}

// Over plain HTTP the token may go to the machine itself and to the endpoints of ECS and EKS only.
bool may_be_asked(std::string_view url) {
  if (url.starts_with("https://")) return true;
  if (!url.starts_with("http://")) return false;
  constexpr std::array<std::string_view, 6> hosts{"127.0.0.1",     "[::1]",          "localhost",
                                                  "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
  return std::find(hosts.begin(), hosts.end(), host_of(url)) != hosts.end();
}

class ContainerCredentials final : public AwsCredentialsSource {
 public:
  ContainerCredentials(AwsVariables variables, HttpClient& http) : variables_(std::move(variables)), http_(http) {}

  Result<std::optional<AwsCredentials>> fetch(Instant until) override;

 private:
  Result<std::optional<std::string>> token();

  const AwsVariables variables_;
  HttpClient& http_;
};

// Kubernetes writes a new one into the file before the old one runs out.
Result<std::optional<std::string>> ContainerCredentials::token() {
  const auto file = set_variable(variables_, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (!file) return set_variable(variables_, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
  std::ifstream stream(*file);
  std::string token{std::istreambuf_iterator<char>(stream), {}};
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  if (!token.empty() && token.find_first_of("\r\n") == token.npos) return std::optional<std::string>(std::move(token));
  return fail(ErrorKind::retry, fmt::format("cannot read a token from {}", *file));
}

Result<std::optional<AwsCredentials>> ContainerCredentials::fetch(Instant until) {
  const auto relative = set_variable(variables_, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const auto full = set_variable(variables_, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!relative && !full) return std::optional<AwsCredentials>();
  HttpRequest request;
  request.method = "GET";
  request.past_proxies = true;
  request.ca_file = ca_bundle(variables_);
  request.url = relative ? "http://169.254.170.2" + *relative : *full;
  if (!may_be_asked(request.url)) {
    return fail(ErrorKind::invalid,
                fmt::format("AWS_CONTAINER_CREDENTIALS_FULL_URI is {}: credentials come over https, "
                            "or from this machine, ECS or EKS",
                            request.url));
  }
  BATON_TRY(const std::optional<std::string> authorization, token());
  if (authorization) request.headers.emplace_back("Authorization", *authorization);
  const HttpAnswer answer = http_.send(request, until);
  const std::string place = fmt::format("container credentials from {}", request.url);
  if (answer.outcome != HttpAnswer::Outcome::answered) {
    return fail(ErrorKind::retry, fmt::format("{}: {}", place, answer.error));
  }
  if (answer.status != 200) return fail(ErrorKind::retry, fmt::format("{}: HTTP status {}", place, answer.status));
  auto found = credentials_in_json(answer.body);
  if (!found) return fail(found.error().kind, fmt::format("{}: {}", place, found.error().message));
  found->source = place;
  return std::optional<AwsCredentials>(*std::move(found));
}

}  // namespace

AwsCredentialsSourcePtr container_credentials(AwsVariables variables, HttpClient& http) {
  return std::make_unique<ContainerCredentials>(std::move(variables), http);
}

}  // namespace baton

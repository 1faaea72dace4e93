#include "dynamodb/aws_environment.h"

#include <fmt/format.h>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <initializer_list>

namespace baton {
namespace {

using Values = std::map<std::string, std::string, std::less<>>;

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

// The values of [section] in an ini file as AWS writes it: # and ; begin comments, indented lines are nested values.
std::optional<Values> section_in(const std::string& file, const std::string& section) {
  std::ifstream stream(file);
  std::optional<Values> values;
  bool inside = false;
  for (std::string line; std::getline(stream, line);) {
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      inside = trimmed(line.substr(1, line.find(']') - 1)) == section;
      if (inside && !values) values.emplace();
      continue;
    }
    const auto equals = line.find('=');
    const bool nested = line.front() == ' ' || line.front() == '\t';
    if (!inside || nested || equals == std::string::npos) continue;
    std::string value = trimmed(line.substr(equals + 1));
    value = trimmed(value.substr(0, value.find(" #")));
    (*values)[trimmed(line.substr(0, equals))] = value;
  }
  return values;
}

std::string file_of(const AwsVariables& variables, const std::string& variable, const std::string& in_home) {
  if (auto file = set_variable(variables, variable)) return *std::move(file);
  const auto home = set_variable(variables, "HOME");
  return home ? *home + in_home : std::string();
}

std::optional<std::string> first_set(const AwsVariables& variables, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (auto value = set_variable(variables, name)) return value;
  }
  return std::nullopt;
}

bool is_name(std::string_view region) {
  return std::all_of(region.begin(), region.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace

AwsVariables process_variables() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

std::optional<std::string> set_variable(const AwsVariables& variables, const std::string& name) {
  auto value = variables(name);
  return value && !value->empty() ? value : std::nullopt;
}

std::optional<std::string> AwsProfile::value(const std::string& key) const {
  const auto found = values.find(key);
  return found == values.end() || found->second.empty() ? std::nullopt : std::optional<std::string>(found->second);
}

Result<std::optional<AwsProfile>> aws_profile(const AwsVariables& variables) {
  const auto named = set_variable(variables, "AWS_PROFILE");
  AwsProfile profile{named.value_or("default"), {}};
  const std::string config = file_of(variables, "AWS_CONFIG_FILE", "/.aws/config");
  const std::string credentials = file_of(variables, "AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials");
  auto found = section_in(credentials, profile.name);
  auto more = section_in(config, profile.name == "default" ? "default" : "profile " + profile.name);
  if (!found && !more) {
    if (!named) return std::optional<AwsProfile>();
    return fail(ErrorKind::invalid, fmt::format("AWS_PROFILE is {0}, but neither {1} has [{0}] nor {2} [profile {0}]",
                                                *named, credentials, config));
  }
  if (found) profile.values = *std::move(found);
  if (more) profile.values.merge(*more);
  return std::optional<AwsProfile>(std::move(profile));
}

std::optional<std::string> ca_bundle(const AwsVariables& variables) {
  if (auto file = set_variable(variables, "AWS_CA_BUNDLE")) return file;
  const auto profile = aws_profile(variables);
  return profile && *profile ? (*profile)->value("ca_bundle") : std::nullopt;
}

Result<DynamoEndpoint> dynamo_endpoint(const std::optional<std::string>& region,
                                       const std::optional<std::string>& endpoint, const AwsVariables& variables) {
  BATON_TRY(const std::optional<AwsProfile> profile, aws_profile(variables));
  DynamoEndpoint found;
  const auto choose = [&](const std::optional<std::string>& configured, std::initializer_list<const char*> names,
                          const std::string& in_profile) {
    if (configured) return configured;
    if (auto value = first_set(variables, names)) return value;
    return profile ? profile->value(in_profile) : std::nullopt;
  };
  const auto chosen_region = choose(region, {"AWS_REGION", "AWS_DEFAULT_REGION"}, "region");
  if (!chosen_region) {
    return fail(ErrorKind::invalid,
                "no AWS region: set locks.dynamodb.region, or AWS_REGION, or `region` in a profile");
  }
  if (!is_name(*chosen_region)) {
    return fail(ErrorKind::invalid, fmt::format("'{}' is no AWS region, as eu-central-1 is one", *chosen_region));
  }
  found.region = *chosen_region;
  const std::string domain = found.region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  found.url = choose(endpoint, {"AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"}, "endpoint_url")
                  .value_or(fmt::format("https://dynamodb.{}.{}", found.region, domain));
  found.ca_file = ca_bundle(variables);
  while (found.url.ends_with('/')) found.url.pop_back();
  if (!found.url.starts_with("http://") && !found.url.starts_with("https://")) {
    return fail(ErrorKind::invalid,
                fmt::format("'{}' is no endpoint of DynamoDB: it begins with http:// or https://", found.url));
  }
  return found;
}

}  // namespace baton

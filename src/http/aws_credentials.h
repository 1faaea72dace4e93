// What requests to AWS are signed with.
#pragma once

#include "base/clock.h"
#include "base/redacted.h"

#include <optional>
#include <string>

namespace baton {

struct AwsCredentials {
  std::string access_key_id;  // who signs; no secret, but not for logs either
  Redacted<std::string> secret_access_key;
  std::optional<Redacted<std::string>> session_token;
  std::optional<WallTime> expires;  // empty: never
  std::string source;               // for people: "the environment", "AWS profile etl"
  bool fixed = false;               // they stand in the configuration or the environment: there will be no others
};

}  // namespace baton

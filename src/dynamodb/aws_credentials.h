// What requests to AWS are signed with, and where it comes from.
#pragma once

#include "base/clock.h"
#include "base/redacted.h"
#include "base/result.h"

#include <memory>
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

// Thread-safe.
class AwsCredentialsProvider {
 public:
  AwsCredentialsProvider() = default;
  AwsCredentialsProvider(const AwsCredentialsProvider&) = delete;
  AwsCredentialsProvider& operator=(const AwsCredentialsProvider&) = delete;
  virtual ~AwsCredentialsProvider() = default;

  // Never null. Cached, and renewed before they run out. `invalid`: there are none, and a person must provide them;
  // `retry`: where they come from did not answer.
  virtual Result<std::shared_ptr<const AwsCredentials>> get(Duration timeout) = 0;

  // AWS refused these as expired: the next get() fetches others. False where there will be no others.
  virtual bool renew_instead_of(const AwsCredentials& refused) = 0;
};

}  // namespace baton

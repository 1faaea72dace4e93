// Where credentials of AWS come from.
#pragma once

#include "base/clock.h"
#include "baton/result.h"
#include "http/aws_credentials.h"

#include <memory>

namespace baton {

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

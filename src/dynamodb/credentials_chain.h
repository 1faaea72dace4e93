// AWS credentials from the first place that has any; cached, and renewed before they run out.
#pragma once

#include "base/clock.h"
#include "base/redacted.h"
#include "dynamodb/credentials_provider.h"
#include "dynamodb/credentials_source.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace baton {

// Thread-safe. While credentials are still good, calls go on with them and a thread of the chain's own fetches others.
class CredentialsChain final : public AwsCredentialsProvider {
 public:
  // `log` is told which source is used, never more; called in the threads of calls. The clock outlives the chain.
  CredentialsChain(std::vector<AwsCredentialsSourcePtr> sources, Clock& clock,
                   std::function<void(const std::string&)> log);

  Result<std::shared_ptr<const AwsCredentials>> get(Duration timeout) override;
  bool renew_instead_of(const AwsCredentials& refused) override;

 private:
  using Known = std::shared_ptr<const AwsCredentials>;

  bool fresh(const Known& known) const;
  bool good(const Known& known) const;
  void fetch(std::unique_lock<std::mutex>& lock, Instant until);
  Result<Known> fetched(Instant until);
  void fetch_beside();

  const std::vector<AwsCredentialsSourcePtr> sources_;
  Clock& clock_;
  const std::function<void(const std::string&)> log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool fetching_ = false;  // by one call, which alone uses sources_ and chosen_
  std::optional<std::size_t> chosen_;
  Known known_;
  std::optional<Error> failure_;        // of the last fetch
  Instant not_before_{Instant::min()};  // after a failure to renew what is still good
  std::string told_;
  std::jthread fetching_beside_;
};

// The sources in the order of AWS's SDK for Java: configuration, environment, web identity, profile, container,
// instance. `http` and `clock` outlive them.
std::vector<AwsCredentialsSourcePtr> default_sources(const std::optional<Redacted<std::string>>& access_key,
                                                     const std::optional<Redacted<std::string>>& secret_key,
                                                     const AwsVariables& variables, HttpClient& http,
                                                     const Clock& clock);

// A chain of these, with connections of its own. `invalid` if only one of the two keys is configured.
Result<std::shared_ptr<AwsCredentialsProvider>> default_credentials(
    const std::optional<Redacted<std::string>>& access_key, const std::optional<Redacted<std::string>>& secret_key,
    const AwsVariables& variables, Clock& clock, std::function<void(const std::string&)> log);

}  // namespace baton

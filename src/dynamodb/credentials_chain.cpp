#include "dynamodb/credentials_chain.h"

#include <fmt/format.h>
#include <utility>

namespace baton {
namespace {

// SDKs renew some minutes before the end; AWS gives new ones out that early.
constexpr std::chrono::minutes renew_before(5);
// The last moment: a request on its way still has to arrive.
constexpr std::chrono::seconds last_moment(10);
constexpr Duration next_try(15'000);
constexpr Duration longest_fetch(10'000);

}  // namespace

CredentialsChain::CredentialsChain(std::vector<AwsCredentialsSourcePtr> sources, Clock& clock,
                                   std::function<void(const std::string&)> log)
    : sources_(std::move(sources)), clock_(clock), log_(std::move(log)) {}

bool CredentialsChain::fresh(const Known& known) const {
  return known && (!known->expires || clock_.wall_now() < *known->expires - renew_before);
}

bool CredentialsChain::good(const Known& known) const {
  return known && (!known->expires || clock_.wall_now() < *known->expires - last_moment);
}

// The source that once had credentials is asked alone from then on: a replica does not change who it is.
Result<CredentialsChain::Known> CredentialsChain::fetched(Instant until) {
  for (std::size_t i = chosen_.value_or(0); i < sources_.size(); ++i) {
    BATON_TRY(std::optional<AwsCredentials> found, sources_[i]->fetch(until));
    if (found) {
      chosen_ = i;
      return std::make_shared<const AwsCredentials>(*std::move(found));
    }
    if (chosen_) return fail(ErrorKind::retry, fmt::format("{} gives no AWS credentials any more", told_));
  }
  return fail(ErrorKind::invalid,
              "no AWS credentials: set locks.dynamodb.accesskey and .secretkey, AWS_ACCESS_KEY_ID and "
              "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the pod or instance a role");
}

// `fetching_` is set by the caller, and cleared here.
void CredentialsChain::fetch(std::unique_lock<std::mutex>& lock, Instant until) {
  lock.unlock();
  Result<Known> found = fetched(until);
  if (found && !good(*found)) found = fail(ErrorKind::retry, (*found)->source + " gives expired AWS credentials only");
  lock.lock();
  failure_ = found ? std::nullopt : std::optional<Error>(found.error());
  if (found) known_ = *std::move(found);
  // AWS may give the same ones out until shortly before their end.
  if (failure_ || !fresh(known_)) not_before_ = clock_.now() + next_try;
  if (!failure_) {
    if (log_ && std::exchange(told_, known_->source) != known_->source) log_("AWS credentials: " + told_);
  }
  fetching_ = false;
  changed_.notify_all();
}

void CredentialsChain::fetch_beside() {
  fetching_ = true;
  // The one before has nothing left to do that takes the lock.
  fetching_beside_ = std::jthread([this] {
    std::unique_lock lock(mutex_);
    fetch(lock, clock_.now() + longest_fetch);
  });
}

Result<std::shared_ptr<const AwsCredentials>> CredentialsChain::get(Duration timeout) {
  const Instant until = clock_.now() + timeout;
  std::unique_lock lock(mutex_);
  if (!good(known_)) {
    if (!fetching_) {
      fetching_ = true;
      fetch(lock, until);
    } else if (!changed_.wait_for(lock, timeout, [&] { return !fetching_; })) {
      return fail(ErrorKind::retry, "AWS credentials did not come in time");
    }
    if (!good(known_)) return fail(failure_.value_or(Error{ErrorKind::retry, "no AWS credentials"}));
  }
  if (!fresh(known_) && !fetching_ && clock_.now() >= not_before_) fetch_beside();
  return known_;
}

bool CredentialsChain::renew_instead_of(const AwsCredentials& refused) {
  const std::scoped_lock lock(mutex_);
  if (!known_ || known_.get() != &refused) return true;  // others are there already, or are being fetched
  if (refused.fixed) return false;
  known_.reset();
  not_before_ = Instant::min();
  return true;
}

std::vector<AwsCredentialsSourcePtr> default_sources(const std::optional<Redacted<std::string>>& access_key,
                                                     const std::optional<Redacted<std::string>>& secret_key,
                                                     const AwsVariables& variables, HttpClient& http,
                                                     const Clock& clock) {
  std::vector<AwsCredentialsSourcePtr> all;
  if (access_key && secret_key) all.push_back(configured_credentials(access_key->reveal(), *secret_key));
  all.push_back(environment_credentials(variables));
  all.push_back(web_identity_credentials(variables, http));
  all.push_back(profile_credentials(variables, http, clock));
  all.push_back(container_credentials(variables, http));
  all.push_back(instance_credentials(variables, http, clock));
  return all;
}

Result<std::shared_ptr<AwsCredentialsProvider>> default_credentials(
    const std::optional<Redacted<std::string>>& access_key, const std::optional<Redacted<std::string>>& secret_key,
    const AwsVariables& variables, Clock& clock, std::function<void(const std::string&)> log) {
  if (access_key.has_value() != secret_key.has_value()) {
    return fail(ErrorKind::invalid, "of locks.dynamodb.accesskey and .secretkey only one is set; set both, or neither");
  }
  struct Whole {
    explicit Whole(const Clock& time) : http(time) {}
    HttpClient http;
    std::unique_ptr<CredentialsChain> chain;
  };
  auto whole = std::make_shared<Whole>(clock);
  whole->chain = std::make_unique<CredentialsChain>(
      default_sources(access_key, secret_key, variables, whole->http, clock), clock, std::move(log));
  return std::shared_ptr<AwsCredentialsProvider>(whole, whole->chain.get());
}

}  // namespace baton

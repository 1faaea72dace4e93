// HTTP requests, many at once, over connections that are kept. With AWS's signature where asked for.
#pragma once

#include "base/clock.h"
#include "http/aws_credentials.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace baton {

// AWS Signature Version 4, by libcurl.
struct AwsSigning {
  std::shared_ptr<const AwsCredentials> credentials;
  std::string region;
  std::string service;
};

struct HttpRequest {
  std::string method = "POST";  // GET, POST or PUT
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::optional<AwsSigning> signing;
  std::optional<std::string> ca_file;  // PEM; else the machine's
  bool past_proxies = false;           // whatever the environment says about them; always so on loopback
};

struct HttpAnswer {
  enum class Outcome {
    answered,   // `status`, `headers` and `body` are whole
    not_sent,   // surely no byte of the request has left
    no_answer,  // it may have arrived; no whole answer came
  };
  Outcome outcome = Outcome::not_sent;
  int status = 0;
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case
  std::string body;
  std::string error;  // for people, unless answered
};

// Thread-safe. No request is repeated unless the caller says so, not even where a kept connection turns out to be
// closed.
class HttpClient {
 public:
  // Asked about each answer in the calling thread: send that request again after this wait, or not.
  using Again = std::function<std::optional<Duration>(std::size_t index, const HttpAnswer& answer)>;

  // The clock outlives it. A call has so many requests under way at most; the others wait for their turn.
  explicit HttpClient(const Clock& clock, std::size_t most_at_once = 32);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  // One answer for each, in order; returns by `until`, and at once when `stop` is requested. What was not begun then
  // is `not_sent`.
  std::vector<HttpAnswer> send(std::span<const HttpRequest> requests, Instant until, const Again& again = {},
                               const std::stop_token& stop = {});
  HttpAnswer send(const HttpRequest& request, Instant until, const std::stop_token& stop = {}) {
    return std::move(send({&request, 1}, until, {}, stop).front());
  }

 private:
  class Lane;  // connections that one call at a time uses

  std::unique_ptr<Lane> borrow();
  void give_back(std::unique_ptr<Lane> lane);

  const Clock& clock_;
  const std::size_t most_at_once_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Lane>> idle_;
  std::uint64_t generation_ = 0;  // raised where a connection went silent: none of that age is trusted any more
};

}  // namespace baton

// Health and metrics over HTTP, on threads of their own, one request a connection. A port that is taken is waited for:
// the replica runs on without it.
#pragma once

#include "base/clock.h"
#include "server/observed.h"

#include <functional>
#include <memory>
#include <string>

namespace baton {

struct ServiceAddress {
  std::string host;  // a name or an address
  int port = 0;      // 0: any that is free
};

// "host:port", with brackets around an address of IPv6.
std::string to_text(const ServiceAddress& address);

struct ServiceNotices {  // called on the service's thread
  std::function<void(const std::string&)> info;
  std::function<void(const std::string&)> warning;
};

class HttpService {
 public:
  static constexpr Duration between_tries{5'000};

  // `observed` outlives it.
  HttpService(ServiceAddress address, const Observed& observed, ServiceNotices notices, Duration retry = between_tries);
  HttpService(const HttpService&) = delete;
  HttpService& operator=(const HttpService&) = delete;
  // Cuts what is still being answered.
  ~HttpService();

  // The port that it listens on; 0 while it does not. Thread-safe.
  int port() const;

 private:
  class Impl;

  std::unique_ptr<Impl> impl_;
};

}  // namespace baton

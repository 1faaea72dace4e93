// Asks another process for its health, as a probe without curl does.
#pragma once

#include "baton/result.h"
#include "server/http_service.h"

#include <string>

namespace baton {

struct ProbeAnswer {
  int status = 0;
  std::string body;
};

// Where the service listens on every address of the machine, the loopback one is asked. Past `timeout`, and where
// nothing answers HTTP, `retry`.
Result<ProbeAnswer> probe_health(const ServiceAddress& address, const std::string& path, Duration timeout);

}  // namespace baton

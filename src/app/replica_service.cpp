#include "app/replica_service.h"

namespace baton {

std::unique_ptr<HttpService> start_service(const std::optional<ServerConfig>& server, const Observed& observed,
                                           Log& log) {
  if (!server) return nullptr;
  const ServiceNotices notices{[&log](const std::string& text) { log.info(text); },
                               [&log](const std::string& text) { log.warn(text); }};
  return std::make_unique<HttpService>(ServiceAddress{server->host, server->port}, observed, notices);
}

}  // namespace baton

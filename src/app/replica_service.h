// The HTTP service of a replica, where server.listen asks for one.
#pragma once

#include "app/log.h"
#include "server/http_service.h"

#include <memory>

namespace baton {

// Null where it is off.
std::unique_ptr<HttpService> start_service(const std::optional<ServerConfig>& server, const Observed& observed,
                                           Log& log);

}  // namespace baton

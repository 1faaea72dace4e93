// Health as Spring Boot's actuator tells it: the same JSON, the same status codes.
#pragma once

#include "server/observed.h"

#include <string>

namespace baton {

struct HealthAnswer {
  int status = 200;  // 503 where something is not up
  std::string json;
};

HealthAnswer whole_health(const ServerHealth& health);
// UP or DOWN; never looks at a store.
HealthAnswer liveness(const ServerHealth& health);
// UP, OUT_OF_SERVICE, or DOWN where a store is away.
HealthAnswer readiness(const ServerHealth& health);

}  // namespace baton

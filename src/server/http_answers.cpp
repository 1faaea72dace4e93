#include "server/http_answers.h"

#include "server/health_json.h"
#include "server/metrics_text.h"

#include <algorithm>
#include <array>

namespace baton {
namespace {

PageAnswer spring(HealthAnswer health) {
  return {health.status, "application/vnd.spring-boot.actuator.v3+json", std::move(health.json), {}};
}

PageAnswer metrics(const Observed& observed) {
  return {200, "text/plain; version=0.0.4; charset=utf-8", metrics_text(observed.metrics()), {}};
}

struct Page {
  std::string_view path;
  PageAnswer (*answer)(const Observed&);
};

constexpr auto health_page = [](const Observed& observed) { return spring(whole_health(observed.health())); };
constexpr auto liveness_page = [](const Observed& observed) { return spring(liveness(observed.health())); };
constexpr auto readiness_page = [](const Observed& observed) { return spring(readiness(observed.health())); };

constexpr std::array<Page, 7> pages{{
    {"/metrics", metrics},
    {"/livez", liveness_page},
    {"/readyz", readiness_page},
    {"/actuator/prometheus", metrics},
    {"/actuator/health", health_page},
    {"/actuator/health/liveness", liveness_page},
    {"/actuator/health/readiness", readiness_page},
}};

}  // namespace

PageAnswer answer_http(std::string_view method, std::string_view path, const Observed& observed) {
  const auto* const page = std::find_if(pages.begin(), pages.end(), [&](const Page& one) { return one.path == path; });
  if (page == pages.end()) return {404, "text/plain; charset=utf-8", "not found\n", {}};
  if (method != "GET" && method != "HEAD") {
    return {405, "text/plain; charset=utf-8", "only GET and HEAD\n", "GET, HEAD"};
  }
  return page->answer(observed);
}

}  // namespace baton

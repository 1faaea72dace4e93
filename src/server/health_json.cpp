#include "server/health_json.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

namespace baton {
namespace {

using Json = nlohmann::ordered_json;

// Spring's order of severity.
constexpr std::array<std::string_view, 3> worst_first{"DOWN", "OUT_OF_SERVICE", "UP"};

class Components {
 public:
  void add(const std::string& name, std::string_view status, const std::string& error = "") {
    json_[name] = Json{{"status", status}};
    if (!error.empty()) json_[name]["details"] = Json{{"error", error}};
    const auto rank = [](std::string_view one) { return std::find(worst_first.begin(), worst_first.end(), one); };
    worst_ = std::min(worst_, rank(status), [](auto a, auto b) { return a < b; });
  }
  void add_stores(const ServerHealth& health) {
    for (const HealthPart& part : health.parts) add(part.name, part.up ? "UP" : "DOWN", part.why_not);
  }
  void add_liveness(const ServerHealth& health) { add("livenessState", health.live ? "UP" : "DOWN"); }
  void add_readiness(const ServerHealth& health) { add("readinessState", health.ready ? "UP" : "OUT_OF_SERVICE"); }

  HealthAnswer answer(const std::vector<std::string>& groups = {}) const {
    Json all;
    all["status"] = *worst_;
    all["components"] = json_;
    if (!groups.empty()) all["groups"] = groups;
    return {*worst_ == "UP" ? 200 : 503, all.dump()};
  }

 private:
  std::map<std::string, Json> json_;  // sorted by name, as Spring's
  decltype(worst_first)::const_iterator worst_ = worst_first.end() - 1;
};

}  // namespace

HealthAnswer whole_health(const ServerHealth& health) {
  Components components;
  components.add_stores(health);
  components.add_liveness(health);
  components.add_readiness(health);
  return components.answer({"liveness", "readiness"});
}

HealthAnswer liveness(const ServerHealth& health) {
  Components components;
  components.add_liveness(health);
  return components.answer();
}

HealthAnswer readiness(const ServerHealth& health) {
  Components components;
  components.add_stores(health);
  components.add_readiness(health);
  return components.answer();
}

}  // namespace baton

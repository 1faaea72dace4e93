#include "app/commands.h"
#include "server/health_probe.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

// {"status":"DOWN","components":{"repository":{"status":"DOWN"},…}} → its status, and the components that are not up.
struct Told {
  std::string status;
  std::vector<std::string> not_up;
};

std::optional<Told> parse(const std::string& body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("status") || !json["status"].is_string()) return std::nullopt;
  Told told{json["status"], {}};
  const auto components = json.value("components", nlohmann::json::object());
  for (const auto& [name, component] : components.items()) {
    const std::string status = component.is_object() ? component.value("status", "UP") : "UP";
    if (status != "UP") told.not_up.push_back(name);
  }
  return told;
}

}  // namespace

ExitCode health_command(const CommandContext& context, const HealthArguments& arguments) {
  const auto& server = context.config.server;
  if (!server || server->port == 0) {
    return report(Error{ErrorKind::invalid, fmt::format("{}: server.listen is {}: give it a port, as in listen: "
                                                        "127.0.0.1:8080, so that the replica can be asked",
                                                        context.config.file, server ? "any free port" : "off")});
  }
  const ServiceAddress address{server->host, server->port};
  const auto answer = probe_health(address, arguments.live ? "/livez" : "/readyz", arguments.timeout);
  if (!answer) return report(answer.error());
  const auto told = parse(answer->body);
  if (!told) {
    return report(Error{ErrorKind::retry, fmt::format("http://{} is answered by something else than a replica of Baton",
                                                      to_text(address))});
  }
  if (context.json) {
    nlohmann::ordered_json row{{"probe", arguments.live ? "live" : "ready"}, {"status", told->status}};
    row["not_up"] = told->not_up;
    fmt::print("{}\n", nlohmann::ordered_json::array({row}).dump(2));
  } else {
    std::string not_up;
    for (const std::string& name : told->not_up) not_up += (not_up.empty() ? ": " : ", ") + name;
    fmt::print("{}{}\n", told->status, not_up);
  }
  return answer->status == 200 ? ExitCode::done : ExitCode::job_failed;
}

}  // namespace baton

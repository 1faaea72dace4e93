#include "config/build_config.h"

#include <fmt/format.h>

namespace baton {
namespace {

// Scheme and host: user information, path and query may hold a secret.
std::string shown_url(const std::string& url) {
  if (url.find("://") == std::string::npos) return "";
  const std::size_t host = url.find("://") + 3;
  const std::size_t end = std::min(url.find_first_of("/?#", host), url.size());
  const std::size_t user = url.substr(host, end - host).rfind('@');
  const std::size_t from = user == std::string::npos ? host : host + user + 1;
  return url.substr(0, host) + url.substr(from, end - from);
}

std::optional<ServerConfig> build_server(const YamlNode* map) {
  const std::string listen = text_or(map, "listen", "off");
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  ServerConfig server{listen.substr(0, colon), std::atoi(listen.c_str() + colon + 1)};
  if (server.host.front() == '[') server.host = server.host.substr(1, server.host.size() - 2);
  return server;
}

// A lease has the name of what it is for: a monitor's must not be a job's.
void check_monitor(const YamlMember& entry, const MonitorConfig& monitor, const Config& config,
                   const BuildContext& context) {
  if (const JobConfig* job = config.job(*monitor.name)) {
    context.problems.add(entry.key.at, fmt::format("the monitor has the name of a job, in line {}: expected another "
                                                   "name, since each has a lease of its name",
                                                   job->name.place.line));
  }
  const YamlNode* lease = get(&entry.value, "lease");
  if (monitor.probe == ProbeKind::observe) {
    if (lease != nullptr) context.problems.add(lease->at, "`lease` has no effect without `probe: acquire` beside it");
  } else if (monitor.lease >= *config.locks.lease) {
    context.problems.add(
        lease == nullptr ? entry.key.at : lease->at,
        fmt::format("the probe's lease of {} is not shorter than that of the jobs ({}): expected less, "
                    "since it holds up who wants the job",
                    to_text(monitor.lease), to_text(*config.locks.lease)));
  }
}

MonitoringConfig build_monitors(const YamlNode* map, const Config& config, const BuildContext& context) {
  MonitoringConfig monitoring;
  monitoring.grace = duration_or(map, "grace", monitoring.grace);
  monitoring.paused = duration_or(map, "paused", monitoring.paused);
  monitoring.differ = duration_or(map, "differ", monitoring.differ);
  monitoring.ping = build_ping(map);
  const YamlNode* monitors = get(map, "global");
  if (monitoring.ping && (monitors == nullptr || monitors->members.empty())) {
    context.problems.add(get(map, "ping")->at,
                         "`ping` is called after each round of a monitor, and there is none: expected one under "
                         "`monitoring.global`, such as `global: { monitoring-1: { every: 1m } }`");
  }
  if (monitors == nullptr) return monitoring;
  for (const YamlMember& entry : monitors->members) {
    MonitorConfig monitor;
    monitor.name = context.placed(entry.key);
    monitor.every = duration_or(&entry.value, "every", monitor.every);
    monitor.probe = choice_or(&entry.value, "probe", {{"acquire", ProbeKind::acquire}}, ProbeKind::observe);
    monitor.lease = duration_or(&entry.value, "lease", monitor.lease);
    check_monitor(entry, monitor, config, context);
    monitoring.monitors.push_back(std::move(monitor));
  }
  return monitoring;
}

AlertsConfig build_alerts(const YamlNode* map, const BuildContext& context) {
  AlertsConfig alerts;
  alerts.remind = duration_or(map, "remind", alerts.remind);
  const YamlNode* sinks = get(map, "sinks");
  if (sinks == nullptr) return alerts;
  for (const YamlNode& sink : sinks->items) {
    if (const YamlNode* webhook = get(&sink, "webhook")) {
      WebhookConfig config;
      const std::string url = text_or(webhook, "url", "");
      config.url = Redacted<std::string>(url);
      config.shown = shown_url(url);
      config.format =
          choice_or(webhook, "format", {{"slack", WebhookFormat::slack}, {"alertmanager", WebhookFormat::alertmanager}},
                    WebhookFormat::json);
      alerts.sinks.emplace_back(std::move(config));
    } else if (const YamlNode* command = get(&sink, "command")) {
      alerts.sinks.emplace_back(CommandSinkConfig{build_argv(*command, context)});
    } else {
      alerts.sinks.emplace_back(LogSinkConfig{});
    }
  }
  return alerts;
}

}  // namespace

std::optional<PingConfig> build_ping(const YamlNode* map) {
  const YamlNode* ping = get(map, "ping");
  if (ping == nullptr) return std::nullopt;
  return PingConfig{Redacted<std::string>(ping->text), shown_url(ping->text)};
}

void build_monitoring(const YamlNode& root, const BuildContext& context, Config& config) {
  config.server = build_server(get(&root, "server"));
  config.monitoring = build_monitors(get(&root, "monitoring"), config, context);
  config.alerts = build_alerts(get(&root, "alerts"), context);
  const YamlNode* retention = get(&root, "retention");
  config.retention = {duration_or_none(retention, "executions"), duration_or_none(retention, "rejects")};
}

}  // namespace baton

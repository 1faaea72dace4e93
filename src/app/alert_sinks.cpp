#include "app/alert_sinks.h"

#include "app/http_verdict.h"
#include "app/notice_text.h"
#include "app/overloaded.h"
#include "http/client.h"
#include "runtime/child_process.h"

#include <fmt/format.h>
#include <algorithm>
#include <memory>

namespace baton {
namespace {

constexpr Duration longest_request(10'000);
constexpr Duration longest_command(30'000);
constexpr int poll_ms = 50;

NoticeSink log_sink(Log& log) {
  return {"the log", [&log](const Notice& notice, const std::stop_token&) -> Status {
            const std::string text = "alert: " + notice_sentence(notice);
            notice.event == Notice::Event::ended ? log.info(text) : log.error(text);
            return {};
          }};
}

NoticeSink webhook_sink(const WebhookConfig& webhook, Duration kept, Clock& clock) {
  auto client = std::make_shared<HttpClient>(clock, 1);
  return {"webhook " + webhook.shown,
          [client, webhook, kept, &clock](const Notice& notice, const std::stop_token& stop) -> Status {
            HttpRequest request;
            request.url = webhook.url.reveal();
            request.headers = {{"Content-Type", "application/json"}};
            request.body =
                webhook_body(notice, webhook.format, std::max(clock.wall_now(), notice.alert.last_seen) + kept);
            return http_verdict(client->send(request, clock.now() + longest_request, stop),
                                "check url and format in `alerts.sinks` of the configuration");
          }};
}

Status run_command(const std::vector<std::string>& argv, const Notice& notice, Clock& clock,
                   const std::stop_token& stop) {
  BATON_TRY(ChildProcess child, ChildProcess::start(argv, {}, notice_json(notice) + "\n"));
  const Instant until = clock.now() + longest_command;
  while (!child.wait(poll_ms, [](const std::string&) {})) {
    if (stop.stop_requested()) return fail(ErrorKind::retry, "stopped");  // its destructor kills it
    if (clock.now() >= until) return fail(ErrorKind::retry, "it did not end within 30 s");
  }
  const std::string failure = child.failure();
  return failure.empty() ? Status() : fail(ErrorKind::retry, argv[0] + " ended with " + failure);
}

NoticeSink command_sink(const CommandSinkConfig& command, Clock& clock) {
  std::vector<std::string> argv;
  for (const auto& argument : command.argv) argv.push_back(*argument);
  return {"command " + argv.front(), [argv, &clock](const Notice& notice, const std::stop_token& stop) {
            return run_command(argv, notice, clock, stop);
          }};
}

}  // namespace

std::vector<NoticeSink> make_sinks(const AlertsConfig& alerts, Log& log, Clock& clock) {
  std::vector<NoticeSink> sinks;
  for (const SinkConfig& sink : alerts.sinks) {
    sinks.push_back(std::visit(
        Overloaded{[&](const LogSinkConfig&) { return log_sink(log); },
                   [&](const WebhookConfig& webhook) { return webhook_sink(webhook, kept_for(alerts.remind), clock); },
                   [&](const CommandSinkConfig& command) { return command_sink(command, clock); }},
        sink));
  }
  return sinks;
}

}  // namespace baton

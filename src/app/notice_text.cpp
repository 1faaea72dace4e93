#include "app/notice_text.h"

#include "app/commands.h"
#include "base/utf8.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string about(const Alert& alert) { return alert.subject.empty() ? alert.kind : alert.kind + " " + alert.subject; }

// Alertmanager tells alerts apart by their labels: the text, which changes, is no label.
Json alertmanager(const Notice& notice) {
  const Alert& alert = notice.alert;
  Json labels{{"alertname", "baton_" + alert.kind}, {"service", "baton"}};
  if (!alert.subject.empty()) labels["subject"] = alert.subject;
  Json entry{{"labels", labels},
             {"annotations", {{"summary", about(alert)}, {"description", alert.text}}},
             {"startsAt", rfc3339(alert.first_seen)}};
  if (notice.event == Notice::Event::ended) entry["endsAt"] = rfc3339(alert.resolved.value_or(alert.last_seen));
  return Json::array({entry});
}

}  // namespace

std::string notice_sentence(const Notice& notice) {
  const std::string what = fmt::format("{}: {}", about(notice.alert), visible(notice.alert.text));
  switch (notice.event) {
    case Notice::Event::begun: return what;
    case Notice::Event::reminder:
      return fmt::format("{} (since {}, seen {} times)", what, rfc3339(notice.alert.first_seen), notice.alert.count);
    case Notice::Event::ended: return fmt::format("{}: is over", about(notice.alert));
  }
  return what;
}

std::string notice_json(const Notice& notice) {
  const Alert& alert = notice.alert;
  return dumped({{"event", name(notice.event)},
                 {"kind", alert.kind},
                 {"subject", alert.subject},
                 {"message", alert.text},
                 {"first_seen", rfc3339(alert.first_seen)},
                 {"last_seen", rfc3339(alert.last_seen)},
                 {"count", alert.count},
                 {"resolved", alert.resolved ? Json(rfc3339(*alert.resolved)) : Json(nullptr)}});
}

std::string webhook_body(const Notice& notice, WebhookFormat format) {
  switch (format) {
    case WebhookFormat::slack: return dumped({{"text", "Baton: " + notice_sentence(notice)}});
    case WebhookFormat::alertmanager: return dumped(alertmanager(notice));
    case WebhookFormat::json: break;
  }
  return notice_json(notice);
}

}  // namespace baton

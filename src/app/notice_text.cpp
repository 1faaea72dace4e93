#include "app/notice_text.h"

#include "app/commands.h"
#include "base/utf8.h"

#include <fmt/format.h>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string about(const Alert& alert) { return alert.subject.empty() ? alert.kind : alert.kind + " " + alert.subject; }

// What Slack would take for a mention or a link: https://api.slack.com/reference/surfaces/formatting#escaping
std::string slack_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

// Alertmanager tells alerts apart by their labels: the text, which changes, is no label. Without an end it takes an
// alert for resolved after its own resolve_timeout, 5 minutes, long before the next reminder.
Json alertmanager(const Notice& notice, WallTime kept_until) {
  const Alert& alert = notice.alert;
  Json labels{{"alertname", "baton_" + alert.kind}, {"service", "baton"}};
  if (!alert.subject.empty()) labels["subject"] = alert.subject;
  Json entry{{"labels", labels},
             {"annotations", {{"summary", about(alert)}, {"description", alert.text}}},
             {"startsAt", rfc3339(alert.first_seen)}};
  const bool over = notice.event == Notice::Event::ended;
  entry["endsAt"] = rfc3339(over ? alert.resolved.value_or(alert.last_seen) : kept_until);
  return Json::array({entry});
}

}  // namespace

std::string notice_sentence(const Notice& notice) {
  const std::string what = fmt::format("{}: {}", about(notice.alert), visible(notice.alert.text));
  switch (notice.event) {
    case Notice::Event::begun: return what;
    case Notice::Event::reminder:
      return fmt::format("{} (since {}, seen {} times)", what, rfc3339(notice.alert.first_seen), notice.alert.count);
    case Notice::Event::ended: {
      const bool says_why = notice.alert.text.starts_with(over_because);
      return fmt::format("{}: is {}", about(notice.alert), says_why ? visible(notice.alert.text) : "over");
    }
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

Duration kept_for(Duration remind) {
  constexpr Duration delivery = std::chrono::minutes(15);  // all attempts of a notice
  constexpr Duration without_reminders = std::chrono::hours(365 * 24);
  return remind > Duration(0) ? std::min(2 * remind + delivery, without_reminders) : without_reminders;
}

std::string webhook_body(const Notice& notice, WebhookFormat format, WallTime kept_until) {
  switch (format) {
    case WebhookFormat::slack: return dumped({{"text", "Baton: " + slack_text(notice_sentence(notice))}});
    case WebhookFormat::alertmanager: return dumped(alertmanager(notice, kept_until));
    case WebhookFormat::json: break;
  }
  return notice_json(notice);
}

}  // namespace baton

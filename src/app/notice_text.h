// Notices of alerts in the forms that receivers know.
#pragma once

#include "config/config.h"
#include "monitor/alert_lifecycle.h"

#include <string>

namespace baton {

// "overdue load: late by 12s: …", with what happened where it did not begin just now.
std::string notice_sentence(const Notice& notice);

// One line, one object: event, kind, subject, message, first_seen, last_seen, count, resolved.
std::string notice_json(const Notice& notice);

// How long a receiver that forgets an alert by itself is to keep one that lasts: beyond the next reminder.
Duration kept_for(Duration remind);

// The body of a webhook: notice_json; Slack's {"text"}; the list of Alertmanager's API v2, where an alert that is not
// over ends at `kept_until`.
std::string webhook_body(const Notice& notice, WebhookFormat format, WallTime kept_until);

}  // namespace baton

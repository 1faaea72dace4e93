#include "monitor/alert_lifecycle.h"

#include <algorithm>
#include <array>
#include <set>

namespace baton {
namespace {

constexpr std::array<std::string_view, 3> event_names{"begun", "reminder", "ended"};

AlertChange beginning(const FoundTrouble& finding, WallTime now) {
  Alert alert;
  alert.kind = name(finding.trouble);
  alert.subject = finding.subject;
  alert.text = finding.text;
  alert.first_seen = alert.last_seen = alert.notified = now;
  return {AlertChange::Kind::begin, std::move(alert), {}};
}

AlertChange lasting(const Alert& open, const FoundTrouble& finding, Duration remind, WallTime now) {
  const bool due = remind > Duration(0) && now - open.notified >= remind;
  AlertChange change{due ? AlertChange::Kind::remind : AlertChange::Kind::seen, open, open.notified};
  change.alert.text = finding.text;
  change.alert.last_seen = now;
  ++change.alert.count;
  if (due) change.alert.notified = now;
  return change;
}

}  // namespace

std::string_view name(Notice::Event event) { return event_names[static_cast<std::size_t>(event)]; }

std::vector<AlertChange> advance_alerts(const std::vector<Alert>& open, const std::vector<FoundTrouble>& findings,
                                        const AlertRules& rules, WallTime now) {
  std::vector<AlertChange> changes;
  std::set<std::int64_t> found;
  for (const FoundTrouble& finding : findings) {
    const auto known = std::find_if(open.begin(), open.end(), [&](const Alert& one) {
      return one.kind == name(finding.trouble) && one.subject == finding.subject;
    });
    if (known == open.end()) {
      changes.push_back(beginning(finding, now));
    } else if (found.insert(known->id).second) {
      changes.push_back(lasting(*known, finding, rules.remind, now));
    }
  }
  for (const Alert& alert : open) {
    if (found.contains(alert.id) || !rules.mine(alert)) continue;
    AlertChange change{AlertChange::Kind::end, alert, {}};
    change.alert.resolved = now;
    changes.push_back(std::move(change));
  }
  return changes;
}

std::vector<Notice> notices_of(const std::vector<AlertChange>& changes, const std::vector<bool>& done) {
  std::vector<Notice> notices;
  for (std::size_t i = 0; i < changes.size() && i < done.size(); ++i) {
    if (!done[i]) continue;
    switch (changes[i].kind) {
      case AlertChange::Kind::begin: notices.push_back({Notice::Event::begun, changes[i].alert}); break;
      case AlertChange::Kind::remind: notices.push_back({Notice::Event::reminder, changes[i].alert}); break;
      case AlertChange::Kind::end: notices.push_back({Notice::Event::ended, changes[i].alert}); break;
      case AlertChange::Kind::seen: break;
    }
  }
  return notices;
}

}  // namespace baton

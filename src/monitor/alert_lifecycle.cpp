#include "monitor/alert_lifecycle.h"

#include <algorithm>
#include <array>
#include <set>

namespace baton {
namespace {

constexpr std::array<std::string_view, 3> event_names{"begun", "reminder", "ended"};

AlertChange beginning(const FoundTrouble& finding, const std::string& teller, WallTime now) {
  Alert alert;
  alert.kind = name(finding.trouble);
  alert.subject = finding.subject;
  alert.text = finding.text;
  alert.first_seen = alert.last_seen = alert.notified = now;
  alert.teller = teller;
  return {AlertChange::Kind::begin, std::move(alert), {}};
}

AlertChange lasting(const Alert& open, const FoundTrouble& finding, const AlertRules& rules, WallTime now) {
  const bool due = rules.remind > Duration(0) && now - open.notified >= rules.remind;
  AlertChange change{due ? AlertChange::Kind::remind : AlertChange::Kind::seen, open, open.notified};
  change.alert.text = finding.text;
  change.alert.last_seen = now;
  ++change.alert.count;
  if (due) {
    change.alert.notified = now;
    change.alert.teller = rules.teller;
  }
  return change;
}

// Those of an alert that nobody has delivered, oldest first. One that was never told of has no reminder yet.
std::vector<Notice> owed(const Alert& alert) {
  std::vector<Notice> notices;
  if (!alert.told) {
    notices.push_back({Notice::Event::begun, alert});
    if (alert.resolved) {
      notices.back().alert.notified = alert.first_seen;
      notices.back().alert.resolved.reset();
    }
  }
  if (alert.resolved) {
    notices.push_back({Notice::Event::ended, alert});
  } else if (alert.told) {
    notices.push_back({Notice::Event::reminder, alert});
  }
  return notices;
}

bool may_claim(const Alert& alert, const ClaimRules& rules, WallTime now) {
  if (alert.teller != rules.teller) return now - alert.notified >= rules.patience && !rules.lives(alert.teller);
  const std::vector<Notice> notices = owed(alert);
  return !std::all_of(notices.begin(), notices.end(), rules.under_way);
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
      changes.push_back(beginning(finding, rules.teller, now));
    } else if (found.insert(known->id).second) {
      changes.push_back(lasting(*known, finding, rules, now));
    }
  }
  for (const Alert& alert : open) {
    if (found.contains(alert.id) || !rules.mine(alert)) continue;
    AlertChange change{AlertChange::Kind::end, alert, {}};
    change.alert.resolved = change.alert.notified = rules.certain ? std::max(now, alert.last_seen) : now;
    change.alert.teller = rules.teller;
    const std::string why = rules.why_over(alert);
    if (!why.empty()) change.alert.text = std::string(over_because) + why;
    changes.push_back(std::move(change));
  }
  return changes;
}

std::vector<AlertChange> claim_untold(const std::vector<Alert>& untold, const ClaimRules& rules, WallTime now) {
  std::vector<AlertChange> changes;
  for (const Alert& alert : untold) {
    if (!may_claim(alert, rules, now)) continue;
    AlertChange change{AlertChange::Kind::claim, alert, {}, alert.teller};
    change.alert.teller = rules.teller;
    changes.push_back(std::move(change));
  }
  return changes;
}

AlertChange delivered(const Notice& notice) { return {AlertChange::Kind::told, notice.alert, {}}; }

std::vector<AlertChange> entering(const std::vector<Alert>& told) {
  std::vector<AlertChange> changes;
  for (Alert alert : told) {
    alert.last_seen = alert.notified = alert.first_seen;  // as a beginning has it
    changes.push_back({AlertChange::Kind::begin, alert, {}});
    changes.push_back({AlertChange::Kind::told, std::move(alert), {}});
  }
  return changes;
}

std::vector<AlertChange> seen_again(const std::vector<Alert>& open, const std::vector<Alert>& told, WallTime now) {
  std::vector<AlertChange> changes;
  for (const Alert& alert : open) {
    const bool one_of_them = std::any_of(told.begin(), told.end(), [&](const Alert& one) {
      return one.kind == alert.kind && one.subject == alert.subject;
    });
    if (!one_of_them) continue;
    changes.push_back({AlertChange::Kind::seen, alert, alert.notified});
    changes.back().alert.last_seen = now;
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
      case AlertChange::Kind::claim:
        for (Notice& notice : owed(changes[i].alert)) notices.push_back(std::move(notice));
        break;
      case AlertChange::Kind::seen:
      case AlertChange::Kind::told: break;
    }
  }
  return notices;
}

}  // namespace baton

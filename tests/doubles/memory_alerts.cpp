#include "tests/doubles/memory_alerts.h"

#include <algorithm>
#include <tuple>

namespace baton {

namespace {

bool is_untold(const Alert& alert) { return !alert.told || *alert.told < alert.notified; }

bool by_subject(const Alert& a, const Alert& b) {
  return std::tie(a.kind, a.subject, a.id) < std::tie(b.kind, b.subject, b.id);
}

}  // namespace

Result<std::vector<Alert>> MemoryAlerts::untold() {
  const std::scoped_lock lock(state_->mutex);
  std::vector<Alert> untold;
  std::copy_if(state_->alerts.begin(), state_->alerts.end(), std::back_inserter(untold), is_untold);
  std::sort(untold.begin(), untold.end(), by_subject);
  return untold;
}

Result<std::vector<Alert>> MemoryAlerts::open() {
  const std::scoped_lock lock(state_->mutex);
  std::vector<Alert> open;
  for (const Alert& alert : state_->alerts) {
    if (!alert.resolved) open.push_back(alert);
  }
  std::sort(open.begin(), open.end(), by_subject);
  return open;
}

Result<std::vector<Alert>> MemoryAlerts::recent(std::int64_t limit) {
  const std::scoped_lock lock(state_->mutex);
  std::vector<Alert> all(state_->alerts.rbegin(), state_->alerts.rend());
  std::stable_partition(all.begin(), all.end(), [](const Alert& alert) { return !alert.resolved; });
  if (all.size() > static_cast<std::size_t>(limit)) all.resize(static_cast<std::size_t>(limit));
  return all;
}

bool MemoryAlerts::write(const AlertChange& change) {
  auto& alerts = state_->alerts;
  const Alert& wanted = change.alert;
  if (change.kind == AlertChange::Kind::begin) {
    const bool there = std::any_of(alerts.begin(), alerts.end(), [&](const Alert& one) {
      return !one.resolved && one.kind == wanted.kind && one.subject == wanted.subject;
    });
    if (there) return false;
    alerts.push_back(wanted);
    alerts.back().id = static_cast<std::int64_t>(alerts.size());
    alerts.back().last_seen = alerts.back().notified = wanted.first_seen;
    return true;
  }
  if (change.kind == AlertChange::Kind::told) {
    for (Alert& one : alerts) {
      if (std::tie(one.kind, one.subject, one.first_seen) != std::tie(wanted.kind, wanted.subject, wanted.first_seen)) {
        continue;
      }
      if (!is_untold(one) || (one.told && *one.told >= wanted.notified)) return false;
      one.told = wanted.notified;
      return true;
    }
    return false;
  }
  if (wanted.id < 1 || wanted.id > static_cast<std::int64_t>(alerts.size())) return false;
  Alert& alert = alerts.at(static_cast<std::size_t>(wanted.id) - 1);
  if (change.kind == AlertChange::Kind::claim) {
    if (alert.teller != change.teller_before || alert.notified != wanted.notified || !is_untold(alert)) return false;
    alert.teller = wanted.teller;
    return true;
  }
  if (alert.resolved) return false;
  if (change.kind == AlertChange::Kind::end) {
    if (alert.last_seen > *wanted.resolved) return false;
    alert.text = wanted.text;
    alert.resolved = wanted.resolved;
    alert.notified = *wanted.resolved;
    alert.teller = wanted.teller;
    return true;
  }
  if (change.kind == AlertChange::Kind::remind) {
    if (alert.notified > change.before) return false;
    alert.notified = wanted.last_seen;
    alert.teller = wanted.teller;
  }
  alert.text = wanted.text;
  alert.last_seen = std::max(alert.last_seen, wanted.last_seen);
  ++alert.count;
  return true;
}

Result<std::vector<bool>> MemoryAlerts::write(const std::vector<AlertChange>& changes) {
  const std::scoped_lock lock(state_->mutex);
  std::vector<bool> done;
  for (const AlertChange& change : changes) done.push_back(write(change));
  return done;
}

Status MemoryAlerts::note_pass(const MonitorPass& pass) {
  const std::scoped_lock lock(state_->mutex);
  state_->passes[pass.monitor] = pass;
  return {};
}

Result<std::vector<MonitorPass>> MemoryAlerts::passes() {
  const std::scoped_lock lock(state_->mutex);
  std::vector<MonitorPass> passes;
  for (const auto& [name, pass] : state_->passes) passes.push_back(pass);
  return passes;
}

}  // namespace baton

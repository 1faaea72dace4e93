#include "app/alert_desk.h"

#include "app/alert_sinks.h"
#include "monitor/alert_lifecycle.h"
#include "monitor/trouble.h"

#include <fmt/format.h>

namespace baton {
namespace {

constexpr Duration last_moment(1'000);
constexpr int attempts = 60;

}  // namespace

AlertDesk::AlertDesk(const Config& config, const Stores& stores, Clock& clock, Log& log)
    : stores_(stores),
      clock_(clock),
      log_(log),
      refresh_(*config.locks.refresh),
      queue_(make_sinks(config.alerts, log, clock), clock, [&log](const std::string& text) { log.warn(text); }, {}) {}

AlertDesk::~AlertDesk() {
  stop_.request_stop();
  errands_.stop();
  queue_.wait_until_told(clock_.now() + last_moment);
}

Status AlertDesk::write(Alerts& alerts, const std::vector<AlertChange>& changes) {
  BATON_TRY(const std::vector<bool> done, alerts.write(changes));
  queue_.tell(notices_of(changes, done));
  return {};
}

void AlertDesk::note(const NoteStall& stall) {
  errands_.give([this, stall] {
    for (int attempt = 0; attempt < attempts && !stop_.stop_requested(); ++attempt) {
      const Status written = write_stall(stall);
      if (written) return;
      repository_.reset();
      if (attempt == 0) log_.warn(fmt::format("alerts: {}: {}; trying again", stall.job, written.error().message));
      clock_.wait_until(clock_.now() + refresh_, stop_.get_token());
    }
  });
}

Status AlertDesk::write_stall(const NoteStall& stall) {
  if (repository_ == nullptr) {
    BATON_TRY(repository_, stores_.repository(RepositoryAccess::existing));
  }
  BATON_TRY(const RepositoryView view, repository_->replicas().look());
  BATON_TRY(const std::vector<Alert> open, repository_->alerts().open());
  std::vector<FoundTrouble> findings;
  if (stall.stalled) findings.push_back({Trouble::stalled, stall.job, stall.text});
  AlertRules rules;
  rules.mine = [&](const Alert& alert) { return alert.kind == name(Trouble::stalled) && alert.subject == stall.job; };
  return write(repository_->alerts(), advance_alerts(open, findings, rules, view.now));
}

}  // namespace baton

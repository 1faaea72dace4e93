#include "app/self_watch.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {

SelfWatch::SelfWatch(const CommandContext& context, const ReplicaSettings& settings, const Parts& parts)
    : context_(context),
      settings_(settings),
      parts_(parts),
      monitor_({context.config.monitoring.grace, context.config.monitoring.paused,
                !context.config.monitoring.monitors.empty()}),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

// Of a store that is away the replica itself says so. Who leaves has handed his jobs over.
void SelfWatch::work(const std::stop_token& stop) {
  while (context_.clock.wait_until(context_.clock.now() + *context_.config.locks.heartbeat, stop)) {
    const ReplicaPulse pulse = parts_.watch.pulse();
    if (!pulse.repository_answers || pulse.leaving) continue;
    const Status looked = parts_.desk.with_repository([&](Repository& repository) {
      const std::stop_callback hurry(stop, [&repository] { repository.database().interrupt(); });
      return look(repository);
    });
    if (looked) {
      told_.clear();
    } else if (!stop.stop_requested()) {
      tell_once(looked.error().message);
    }
  }
}

// What is open is read first: what ends meanwhile is then not begun again by what was read before it ended.
Status SelfWatch::look(Repository& repository) {
  SelfFacts facts{settings_};
  Alerts& alerts = repository.alerts();
  facts.stores_away = parts_.outages.away();
  facts.leases_away = std::any_of(facts.stores_away.begin(), facts.stores_away.end(),
                                  [](const FoundTrouble& one) { return one.subject == lease_store_subject; });
  facts.owned = owned();
  BATON_CHECK(enter_outages(repository));
  BATON_TRY(facts.open, alerts.open());
  BATON_TRY(facts.view, repository.replicas().look());
  const std::vector<std::string> jobs = jobs_in_charge(settings_, facts.owned, facts.leases_away);
  if (!jobs.empty()) {
    BATON_TRY(facts.runs, repository.executions().last_runs(jobs));
  }
  const std::vector<FoundTrouble> findings = monitor_.look(facts, context_.clock.now());
  BATON_CHECK(parts_.desk.tell_for_others(alerts, facts.view.replicas, facts.view.now));
  AlertRules rules;
  rules.mine = [this](const Alert& alert) { return monitor_.judges(alert); };
  BATON_CHECK(parts_.desk.write(alerts, facts.open, findings, std::move(rules), facts.view.now));
  parts_.board.looked_at_own(facts.open, monitor_.health());
  return {};
}

// Each replica does so that has told of it; the first one's stays open until all have.
Status SelfWatch::enter_outages(Repository& repository) {
  const std::vector<Alert> told = parts_.outages.told();
  if (told.empty()) return {};
  Alerts& alerts = repository.alerts();
  BATON_TRY(const RepositoryView view, repository.replicas().look());
  BATON_TRY([[maybe_unused]] const std::vector<bool> entered, alerts.write(entering(told)));
  BATON_TRY(const std::vector<Alert> open, alerts.open());
  BATON_TRY([[maybe_unused]] const std::vector<bool> seen, alerts.write(seen_again(open, told, view.now)));
  parts_.outages.entered(told);
  return {};
}

std::set<std::string> SelfWatch::owned() const {
  std::set<std::string> jobs;
  for (const JobView& job : parts_.watch.view()->jobs) {
    if (job.owned) jobs.insert(job.job);
  }
  return jobs;
}

void SelfWatch::tell_once(const std::string& error) {
  if (std::exchange(told_, error) == error) return;
  context_.log.warn(fmt::format("self monitoring: {}; trying again", error));
}

}  // namespace baton

#include "tests/simulation/replica_self_watch.h"

#include <algorithm>

namespace baton {

ReplicaSelfWatch::ReplicaSelfWatch(Monitoring& shared, ReplicaProcess& process)
    : shared_(shared),
      process_(process),
      outages_({shared.grace, Duration(0), process.id()}),
      monitor_({shared.grace, shared.paused_long, !shared.names.empty()}),
      look_at_(process.boot_now() + process.settings().timings.heartbeat) {}

// The job repository of these days is never away: nothing is told but through it.
std::vector<std::string> ReplicaSelfWatch::step() {
  const Instant now = process_.boot_now();
  const ReplicaPulse pulse = process_.core().pulse();
  static_cast<void>(outages_.look(pulse, now, shared_.world.repository.now()));
  if (now < look_at_) return {};
  look_at_ = now + process_.settings().timings.heartbeat;
  if (!pulse.repository_answers || pulse.leaving) return {};
  const SelfFacts seen = facts();
  const std::vector<FoundTrouble> findings = monitor_.look(seen, now);
  AlertRules rules;
  rules.teller = process_.id();
  rules.mine = [&](const Alert& alert) { return shared_.bugs.owner_ends_for_others || monitor_.judges(alert); };
  return shared_.write(advance_alerts(seen.open, findings, rules, seen.view.now));
}

SelfFacts ReplicaSelfWatch::facts() const {
  SelfFacts facts{process_.settings()};
  facts.stores_away = outages_.away();
  facts.leases_away = std::any_of(facts.stores_away.begin(), facts.stores_away.end(),
                                  [](const FoundTrouble& one) { return one.subject == lease_store_subject; });
  for (const JobView& job : process_.core().view(process_.boot_now()).jobs) {
    if (job.owned) facts.owned.insert(job.job);
  }
  facts.open = shared_.alerts.open().value();
  facts.view = shared_.world.repository.look();
  for (const std::string& job : jobs_in_charge(facts.settings, facts.owned, facts.leases_away)) {
    if (auto run = shared_.world.repository.last_run(job)) facts.runs.emplace(job, *std::move(run));
  }
  return facts;
}

}  // namespace baton

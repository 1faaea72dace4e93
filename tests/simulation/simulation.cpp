#include "tests/simulation/simulation.h"

#include "lease/probe_name.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/health.h"
#include "tests/simulation/nemesis.h"

#include <algorithm>

namespace baton {

Simulation::Simulation(const SimulationPlan& plan, const PlantedBugs& bugs, std::size_t kept_events)
    : plan_(plan),
      trace_(queue_, kept_events),
      random_(plan.seed),
      notices_(plan.seed ^ 0x6E6F74696365ULL),
      network_(queue_, random_),
      leases_(queue_, trace_, random_),
      bugs_(bugs),
      repository_("repository", queue_, trace_, leases_, bugs_),
      first_("first", queue_, trace_, leases_, bugs_),
      second_("second", queue_, trace_, leases_, bugs_),
      swamp_("swamp", queue_, trace_, leases_, bugs_),
      world_{plan_,
             bugs_,
             queue_,
             trace_,
             random_,
             network_,
             leases_,
             repository_,
             {{"repository", &repository_}, {"first", &first_}, {"second", &second_}, {"swamp", &swamp_}},
             false,
             {}},
      fleet_(world_) {
  leases_.network.faults = plan_.lease_network;
  for (auto& [identity, database] : world_.databases) {
    database->network.faults = plan_.database_network;
    database->rows_of = [this](const std::string& job, const std::string& step) -> std::uint64_t {
      for (const SimulatedJob& one : plan_.jobs) {
        for (const SimulatedStep& candidate : one.steps) {
          if (one.settings.name == job && candidate.name == step) return candidate.rows;
        }
      }
      return 0;
    };
  }
  swamp_.network.faults.refused = 0.7;
  leases_.trusts = [this](const std::string& owner, const std::string& job) {
    const ReplicaProcess* process = fleet_.find(owner);
    return process != nullptr && process->alive() && process->trusts(job);
  };
  leases_.works = [this](const std::string& owner, const std::string& job) {
    const ReplicaProcess* process = fleet_.find(owner);
    return process != nullptr && process->alive() && process->works_on(job);
  };
  repository_.has_fixed_times = [this](const std::string& job) {
    return std::any_of(plan_.jobs.begin(), plan_.jobs.end(), [&](const SimulatedJob& one) {
      const auto& when = one.settings.schedule.when;
      return one.settings.name == job && !std::holds_alternative<FixedDelaySchedule>(when);
    });
  };
  repository_.on_closed = [this](const std::string& job, std::int64_t instance) {
    for (auto& [identity, database] : world_.databases) database->close_instance(job, instance);
  };
  world_.trouble = [this](const std::string& replica, TrueTime at_least) { trouble(replica, at_least); };
  leases_.on_take = [this](const std::string& owner, const std::string& job, const LeaseTruth& before) {
    check_offer(owner, job, before);
  };
  leases_.on_release = [this] { notify({true, false}); };
  repository_.on_change = [this] { notify({false, true}); };
  world_.kill = [this](ReplicaProcess& process) {
    queue_.at(queue_.now(),
              [this, &process] { fleet_.crash_process(process, between(random_, TrueTime(0), plan_.leases(2))); });
  };
}

// Every other seed has stores that notify (P6). Notices come late, twice, or never.
void Simulation::notify(const ChangesNoticed& changes) {
  if (plan_.seed % 2 == 0) return;
  for (ReplicaProcess* process : fleet_.alive()) {
    if (chance(notices_, 0.1)) continue;
    const int copies = chance(notices_, 0.1) ? 2 : 1;
    for (int copy = 0; copy < copies; ++copy) {
      const TrueTime late = chance(notices_, 0.1) ? plan_.leases(1) : TrueTime(5'000);
      queue_.after(between(notices_, TrueTime(0), late), [process, changes] { process->notice(changes); });
    }
  }
}

// P20: for 3 × refresh after the release only the receiver of an offer may take the job. The clocks that measure it
// drift.
void Simulation::check_offer(const std::string& owner, const std::string& job, const LeaseTruth& before) {
  const std::optional<Offer> offer = repository_.offer_of(job, before.acquisition);
  if (!offer || !before.released || offer->by != before.owner || offer->to == owner) return;
  if (owner.starts_with("java") || is_probe(owner) || offer->at > RepositoryServer::wall_at(before.released_at)) return;
  const auto exclusive = std::chrono::duration_cast<TrueTime>(plan_.timings.refresh * 3) * 99 / 100;
  if (queue_.now() >= before.released_at + exclusive) return;
  trace_.violated(fmt::format("P20: {} took {}, which {} had offered to {}", owner, job, offer->by, offer->to));
}

// A fault just where it hurts: between a read and the write that follows from it, or while a COMMIT stands still.
void Simulation::trouble(const std::string& replica, TrueTime at_least) {
  queue_.at(queue_.now(), [this, replica, at_least] {
    ReplicaProcess* process = fleet_.find(replica);
    if (process == nullptr || world_.healed) return;
    const auto machine = static_cast<std::size_t>(process->host().number);
    const TrueTime length = at_least + between(random_, plan_.leases(0.3), plan_.leases(3));
    switch (below(random_, 4)) {
      case 0: return fleet_.crash(machine, length);
      case 1: return fleet_.cut(machine, true, true, false, length);
      default: return fleet_.pause(machine, length);
    }
  });
}

bool Simulation::run_until(TrueTime end) {
  while (!trace_.violation() && !queue_.empty() && queue_.next_at() <= end) queue_.run_next();
  return !trace_.violation();
}

void Simulation::heal() {
  trace_.event("everything is well");
  world_.healed = true;
  std::vector<SimulatedServer*> servers{&leases_.network};
  for (auto& [identity, database] : world_.databases) servers.push_back(&database->network);
  for (SimulatedServer* server : servers) {
    server->up = true;
    server->faults = NetworkFaults{server->faults.latency};
  }
  fleet_.heal();
  for (const SimulatedJob& job : plan_.jobs) {
    repository_.resume(job.settings.name);
    repository_.ask(job.settings.name, RequestKind::restart, hex(random_, 8));
  }
}

SimulationReport Simulation::report() const {
  SimulationReport report;
  report.violation = trace_.violation();
  report.last_events = trace_.last_events();
  report.trace_hash = trace_.hash();
  report.replica_hours = std::chrono::duration<double, std::ratio<3600>>(fleet_.lived()).count();
  report.events = queue_.done();
  for (const auto& [identity, database] : world_.databases) report.commits += database->counts().commits;
  report.take_overs = leases_.takes();
  report.runs = repository_.run_counts().completed;
  report.starts = fleet_.starts();
  report.offers = repository_.run_counts().offers;
  return report;
}

SimulationReport simulate(const SimulationPlan& plan, const SimulationOptions& options) {
  Simulation simulation(plan, options.bugs, options.kept_events);
  Nemesis nemesis(simulation.world(), simulation.fleet());
  simulation.fleet().start();
  nemesis.start();
  if (simulation.run_until(plan.chaos) && options.heals) {
    simulation.heal();
    check_health(simulation);
  }
  return simulation.report();
}

}  // namespace baton

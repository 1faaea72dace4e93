#include "tests/simulation/nemesis.h"

#include "tests/simulation/chance.h"
#include "tests/simulation/foreign_owner.h"

namespace baton {

void Nemesis::start() {
  for (const auto& [kind, mean] : world_.plan.faults) arm(kind, mean);
}

void Nemesis::arm(FaultKind kind, TrueTime mean) {
  world_.queue.after(exponential(world_.random, mean), [this, kind, mean] {
    if (world_.healed) return;
    strike(kind);
    arm(kind, mean);
  });
}

std::size_t Nemesis::some_machine() { return static_cast<std::size_t>(below(world_.random, fleet_.machines())); }

const std::string& Nemesis::some_job() { return one_of(world_.random, world_.plan.jobs).settings.name; }

void Nemesis::strike(FaultKind kind) {
  Random& random = world_.random;
  const auto leases = [&](double least, double most) {
    return world_.plan.leases(least + (most - least) * share(random));
  };
  switch (kind) {
    case FaultKind::crash: return fleet_.crash(some_machine(), leases(0, 3));
    case FaultKind::crash_all:
      for (std::size_t number = 0; number < fleet_.machines(); ++number) fleet_.crash(number, leases(0, 2));
      return;
    case FaultKind::pause: return fleet_.pause(some_machine(), leases(0.1, 4));
    case FaultKind::cut_leases: return fleet_.cut(some_machine(), true, false, false, leases(0.1, 3));
    case FaultKind::cut_repository: return fleet_.cut(some_machine(), false, true, false, leases(0.1, 3));
    case FaultKind::cut_both: return fleet_.cut(some_machine(), true, true, false, leases(0.1, 3));
    case FaultKind::cut_one_way:
      return fleet_.cut(some_machine(), chance(random, 0.7), chance(random, 0.5), true, leases(0.1, 3));
    case FaultKind::store_outage: return outage();
    case FaultKind::wall_step:
      return fleet_.step_wall(some_machine(), between(random, -std::chrono::minutes(20), std::chrono::minutes(20)));
    case FaultKind::rolling_restart: return fleet_.roll();
    case FaultKind::change_jobs: return fleet_.remove_or_add_job();
    case FaultKind::change_tokens:
      return fleet_.change_tokens(between(random, 1, static_cast<std::int64_t>(world_.plan.jobs.size())));
    case FaultKind::person: return person();
    case FaultKind::foreign_owner: return visit_as_foreigner(world_, some_job(), leases(0.1, 3));
    case FaultKind::scale:
      return fleet_.scale(static_cast<int>(between(random, 1, static_cast<std::int64_t>(fleet_.machines()))));
  }
}

void Nemesis::outage() {
  std::vector<SimulatedServer*> servers{&world_.leases.network};
  for (auto& [identity, database] : world_.databases) servers.push_back(&database->network);
  SimulatedServer* server = one_of(world_.random, servers);
  world_.trace.event("store is away", server->name);
  server->up = false;
  world_.queue.after(between(world_.random, TrueTime(0), world_.plan.leases(2)), [server] { server->up = true; });
}

void Nemesis::person() {
  const std::string& job = some_job();
  RepositoryServer& repository = world_.repository;
  switch (below(world_.random, 7)) {
    case 0:
      repository.pause(job);
      world_.queue.after(between(world_.random, TrueTime(0), world_.plan.leases(5)),
                         [&repository, job] { repository.resume(job); });
      return;
    case 1: return repository.request_stop(job);
    case 2:
    case 3: return repository.ask(job, RequestKind::run, hex(world_.random, 8));
    case 4:
    case 5: return repository.ask(job, RequestKind::restart, hex(world_.random, 8));
    default: return repository.ask(job, RequestKind::abandon, hex(world_.random, 8));
  }
}

}  // namespace baton

#include "tests/simulation/fleet.h"

#include "tests/simulation/chance.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {

Fleet::Fleet(Surroundings& world) : world_(world), jobs_(world.plan.jobs), tokens_(world.plan.tokens) {
  const int most = world.plan.hosts + 2;
  Random& random = world.random;
  for (int number = 0; number < most; ++number) {
    auto machine = std::make_unique<Machine>();
    machine->wanted = number < world.plan.hosts;
    SimulatedHost& host = machine->host;
    host.number = number;
    host.boot_offset = between(random, TrueTime(0), std::chrono::hours(1000));
    host.drift = world.plan.drift * (2 * share(random) - 1);
    host.wall_skew = between(random, -world.plan.wall_skew, world.plan.wall_skew);
    host.leases.server = &world.leases.network;
    for (auto& [identity, database] : world.databases) host.databases[identity].server = &database->network;
    machines_.push_back(std::move(machine));
  }
}

void Fleet::start() {
  for (const auto& machine : machines_) {
    if (machine->wanted) restart_later(*machine, between(world_.random, TrueTime(0), world_.plan.leases(0.2)));
  }
}

void Fleet::start_on(Machine& machine) {
  ReplicaSettings settings;
  settings.id = fmt::format("r{}.{}", machine.host.number, lives_.size());
  settings.pid = static_cast<std::int64_t>(lives_.size());
  settings.tokens = tokens_;
  settings.balance = world_.plan.balance;
  settings.timings = world_.plan.timings;
  settings.config_hash = fmt::format("c{}", configuration_);
  for (const SimulatedJob& job : jobs_) settings.jobs.push_back(job.settings);
  machine.started = world_.queue.now();
  lives_.push_back(std::make_unique<ReplicaProcess>(world_, machine.host, std::move(settings), jobs_));
  machine.process = lives_.back().get();
  machine.process->start();
}

void Fleet::ended(Machine& machine) {
  if (machine.process == nullptr) return;
  lived_ += world_.queue.now() - machine.started;
  machine.process = nullptr;
}

TrueTime Fleet::lived() const {
  TrueTime all = lived_;
  for (const auto& machine : machines_) {
    if (machine->process != nullptr) all += world_.queue.now() - machine->started;
  }
  return all;
}

void Fleet::restart_later(Machine& machine, TrueTime down) {
  world_.queue.after(down, [this, &machine] {
    if (machine.process != nullptr && !machine.process->alive()) ended(machine);
    if (machine.wanted && machine.process == nullptr) start_on(machine);
  });
}

void Fleet::crash(std::size_t number, TrueTime down) {
  Machine& machine = *machines_[number];
  if (machine.process == nullptr) return;
  machine.process->crash();
  ended(machine);
  restart_later(machine, down);
}

void Fleet::crash_process(ReplicaProcess& process, TrueTime down) {
  const auto number = static_cast<std::size_t>(process.host().number);
  if (machines_[number]->process == &process) crash(number, down);
}

void Fleet::pause(std::size_t number, TrueTime length) {
  ReplicaProcess* process = machines_[number]->process;
  if (process == nullptr) return;
  process->pause();
  world_.queue.after(length, [process] { process->go_on(); });
}

void Fleet::cut(std::size_t number, bool leases, bool databases, bool one_way, TrueTime length) {
  SimulatedHost& host = machines_[number]->host;
  const bool answers_only = one_way && chance(world_.random, 0.5);
  std::vector<Link*> links;
  if (leases) links.push_back(&host.leases);
  for (auto& [identity, link] : host.databases) {
    if (databases) links.push_back(&link);
  }
  world_.trace.event("network is cut", host.number, leases ? "leases" : "", databases ? "databases" : "",
                     answers_only ? "answers"
                     : one_way    ? "requests"
                                  : "both ways");
  for (Link* link : links) {
    if (!answers_only) link->requests_pass = false;
    if (answers_only || !one_way) link->answers_pass = false;
    world_.queue.after(length, [link] { link->requests_pass = link->answers_pass = true; });
  }
}

void Fleet::step_wall(std::size_t number, TrueTime by) {
  world_.trace.event("wall clock steps", static_cast<int>(number), by.count());
  machines_[number]->host.wall_skew += by;
}

// Rolling restarts, as a Deployment makes them: SIGTERM, SIGKILL when the grace is over, then the new process.
void Fleet::await_end(std::size_t number, const ReplicaProcess* process, TrueTime kill_at, std::function<void()> then) {
  Machine& machine = *machines_[number];
  if (machine.process == process && process->alive() && world_.queue.now() < kill_at) {
    world_.queue.after(world_.plan.leases(0.1), [this, number, process, kill_at, then = std::move(then)] {
      await_end(number, process, kill_at, then);
    });
    return;
  }
  if (machine.process == process) {
    machine.process->crash();
    ended(machine);
  }
  if (then) then();
}

void Fleet::replace(std::size_t number, std::function<void()> then) {
  Machine& machine = *machines_[number];
  const auto start_again = [this, &machine, then = std::move(then)] {
    if (machine.wanted && machine.process == nullptr) start_on(machine);
    if (then) world_.queue.after(world_.plan.leases(0.2), then);
  };
  if (machine.process == nullptr) return start_again();
  machine.process->shut_down();
  await_end(number, machine.process, world_.queue.now() + world_.plan.leases(2), start_again);
}

void Fleet::roll() {
  if (std::exchange(rolling_, true)) return;
  world_.trace.event("rolling restart");
  auto next = std::make_shared<std::function<void(std::size_t)>>();
  *next = [this, weak = std::weak_ptr(next)](std::size_t number) {
    if (number >= machines_.size() || world_.healed) {
      rolling_ = false;
      return;
    }
    replace(number, [self = weak.lock(), number] { (*self)(number + 1); });
  };
  (*next)(0);
}

void Fleet::scale(int wanted) {
  world_.trace.event("scale", wanted);
  for (std::size_t number = 0; number < machines_.size(); ++number) {
    Machine& machine = *machines_[number];
    machine.wanted = static_cast<int>(number) < wanted;
    if (machine.wanted && machine.process == nullptr) restart_later(machine, TrueTime(0));
    if (!machine.wanted && machine.process != nullptr) replace(number, {});
  }
}

void Fleet::configure(std::vector<SimulatedJob> jobs) {
  jobs_ = std::move(jobs);
  ++configuration_;
}

void Fleet::configure_and_roll() {
  ++configuration_;
  roll();
}

void Fleet::remove_or_add_job() {
  if (rolling_) return;
  if (!removed_.empty() && chance(world_.random, 0.5)) {
    world_.trace.event("job is added", removed_.back().settings.name);
    jobs_.push_back(std::move(removed_.back()));
    removed_.pop_back();
  } else if (jobs_.size() > 1) {
    const auto at = static_cast<std::ptrdiff_t>(below(world_.random, jobs_.size()));
    world_.trace.event("job is removed", jobs_[static_cast<std::size_t>(at)].settings.name);
    removed_.push_back(std::move(jobs_[static_cast<std::size_t>(at)]));
    jobs_.erase(jobs_.begin() + at);
  }
  configure_and_roll();
}

void Fleet::change_tokens(std::int64_t tokens) {
  if (rolling_) return;
  tokens_ = tokens;
  configure_and_roll();
}

void Fleet::heal() {
  const std::string newest = fmt::format("c{}", configuration_);
  for (std::size_t number = 0; number < machines_.size(); ++number) {
    Machine& machine = *machines_[number];
    machine.wanted = static_cast<int>(number) < world_.plan.hosts;
    machine.host.leases.requests_pass = machine.host.leases.answers_pass = true;
    for (auto& [identity, link] : machine.host.databases) link.requests_pass = link.answers_pass = true;
    if (machine.process != nullptr) machine.process->go_on();
    const bool old = machine.process != nullptr && machine.process->settings().config_hash != newest;
    if (machine.process != nullptr && (old || !machine.wanted || machine.process->stopping())) {
      machine.process->crash();
      ended(machine);
    }
    restart_later(machine, TrueTime(0));
  }
}

std::vector<ReplicaProcess*> Fleet::alive() const {
  std::vector<ReplicaProcess*> all;
  for (const auto& machine : machines_) {
    if (machine->process != nullptr && machine->process->alive()) all.push_back(machine->process);
  }
  return all;
}

ReplicaProcess* Fleet::find(const std::string& id) const {
  for (const auto& machine : machines_) {
    if (machine->process != nullptr && machine->process->id() == id) return machine->process;
  }
  return nullptr;
}

}  // namespace baton

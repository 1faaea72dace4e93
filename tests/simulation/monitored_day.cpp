#include "tests/simulation/monitored_day.h"

#include "schedule/cron.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

using namespace std::chrono_literals;

constexpr TrueTime between_steps = 1s;

SimulatedJob job(int number) {
  SimulatedJob job;
  job.settings.name = fmt::format("job{}", number);
  switch (number % 3) {
    case 0: job.settings.schedule.when = FixedDelaySchedule{20s}; break;
    case 1: job.settings.schedule.when = FixedRateSchedule{30s}; break;
    default: job.settings.schedule.when = CronSchedule{*Cron::parse("0 * * * * *"), utc()};
  }
  job.settings.schedule.jitter = number > 2 ? 3s : 0s;
  job.settings.restarts = 1;
  job.settings.grace = MonitoredDay::grace;
  job.steps = {
      {"load", SimulatedStep::Kind::load, number % 2 == 0 ? "first" : "second", WriteMode::append, 6, 2, 300ms}};
  return job;
}

}  // namespace

SimulationPlan calm_day(std::uint64_t seed, std::int64_t tokens, int jobs) {
  SimulationPlan plan;
  plan.seed = seed;
  plan.tokens = tokens;
  plan.timings = {20s, 5s, 1s};
  plan.database_timeout = 5s;
  plan.lease_network.latency = plan.database_network.latency = 5ms;
  plan.wall_skew = 1s;
  for (int number = 0; number < jobs; ++number) plan.jobs.push_back(job(number));
  return plan;
}

MonitoredDay::MonitoredDay(const SimulationPlan& plan, const MonitorBugs& bugs, std::vector<SimulatedJob> jobs)
    : simulation_(plan, {}, 0), monitoring_{simulation_.world(), alerts_, every, grace, paused_long, bugs} {
  if (!jobs.empty()) fleet().configure(std::move(jobs));
  fleet().start();
}

std::vector<std::string> MonitoredDay::watch_for(TrueTime time) {
  std::vector<std::string> told;
  for (const TrueTime end = world().queue.now() + time; world().queue.now() < end && !violation_;) {
    const TrueTime next = world().queue.now() + between_steps;
    world().queue.at(next, [] {});  // so that it is then
    if (!simulation_.run_until(next)) violation_ = simulation_.report().violation;
    if (!violation_) step(told);
  }
  if (violation_) told.push_back(*violation_);
  return told;
}

TrueTime MonitoredDay::time_to(const std::string& told_of, TrueTime bound) {
  const TrueTime began = world().queue.now();
  while (world().queue.now() <= began + bound) {
    for (const std::string& told : watch_for(between_steps)) {
      if (told == told_of) return world().queue.now() - began;
    }
  }
  return bound + TrueTime(1);
}

ReplicaMonitors& MonitoredDay::monitors_of(ReplicaProcess& process) {
  auto& monitors = monitors_[&process];
  if (monitors == nullptr) monitors = std::make_unique<ReplicaMonitors>(monitoring_, process);
  return *monitors;
}

void MonitoredDay::step(std::vector<std::string>& told) {
  std::erase_if(monitors_, [](const auto& one) { return !one.first->alive(); });
  for (ReplicaProcess* process : fleet().alive()) {
    if (process->paused()) continue;
    for (std::string& one : monitors_of(*process).step()) {
      check_told(one);
      told.push_back(std::move(one));
    }
  }
  check_watched();
}

// Nobody's job any more: it is over whoever holds its lock.
bool MonitoredDay::configured(const std::string& job) {
  return std::any_of(fleet().jobs().begin(), fleet().jobs().end(),
                     [&](const SimulatedJob& one) { return one.settings.name == job; });
}

bool MonitoredDay::held(const std::string& job) {
  const LeaseTruth& truth = world().leases.truth(job);
  return !truth.released && world().queue.now() < truth.written + truth.duration;
}

// As long as the repository knows it: long after its last beat it is forgotten.
bool MonitoredDay::has_left_a_lock(const std::string& replica) {
  const RepositoryView view = world().repository.look();
  const auto known = [&](const ReplicaRow& row) { return row.id == replica; };
  if (std::none_of(view.replicas.begin(), view.replicas.end(), known)) return false;
  if (const ReplicaProcess* process = fleet().find(replica); process != nullptr && !process->paused()) return false;
  return std::any_of(fleet().jobs().begin(), fleet().jobs().end(), [&](const SimulatedJob& one) {
    const LeaseTruth& truth = world().leases.truth(one.settings.name);
    return truth.owner == replica && !truth.released;
  });
}

// An alert ends when its trouble has ended, and not because another one looks.
void MonitoredDay::check_told(const std::string& told) {
  const auto about = [&](std::string_view what) -> std::optional<std::string> {
    return told.starts_with(what) ? std::optional(told.substr(what.size())) : std::nullopt;
  };
  if (const auto job = about("begun failing ")) completed_[*job] = world().repository.completed_of(*job);
  if (const auto job = about("ended unowned "); job && configured(*job) && !held(*job)) {
    violation_ = fmt::format("false all-clear: {}, though nobody holds its lock", told);
  }
  if (const auto job = about("ended nobodys_execution ");
      job && !held(*job) && !world().repository.open_executions(*job).empty()) {
    violation_ = fmt::format("false all-clear: {}, though it is open", told);
  }
  if (const auto replica = about("ended replica_silent "); replica && has_left_a_lock(*replica)) {
    violation_ = fmt::format("false all-clear: {}, though nobody has taken its lock", told);
  }
  if (const auto job = about("ended failing ");
      job && configured(*job) && world().repository.completed_of(*job) == completed_[*job]) {
    violation_ = fmt::format("false all-clear: {}, though no run of it has succeeded", told);
  }
}

bool MonitoredDay::can_watch(const ReplicaProcess& process, const std::string& monitor) {
  if (process.paused() || process.stopping()) return false;
  const auto known = monitors_.find(&process);
  return known != monitors_.end() && !known->second->hangs(monitor);
}

// A monitor whose loop hangs is taken for dead after a lease, which then runs out for the others.
void MonitoredDay::check_watched() {
  const LeaseTimings& timings = world().plan.timings;
  const TrueTime now = world().queue.now();
  const TrueTime longest = 2 * timings.lease + 2 * timings.heartbeat + 2 * every + between_steps;
  const auto passes = alerts_.passes().value();
  for (const std::string& monitor : monitoring_.names) {
    const auto pass =
        std::find_if(passes.begin(), passes.end(), [&](const MonitorPass& one) { return one.monitor == monitor; });
    TrueTime& watched = watched_[monitor];
    const auto alive = fleet().alive();
    const bool somebody =
        std::any_of(alive.begin(), alive.end(), [&](const ReplicaProcess* one) { return can_watch(*one, monitor); });
    if (!somebody) watched = now;
    if (pass != passes.end()) watched = std::max(watched, pass->at - RepositoryServer::wall_at(TrueTime(0)));
    if (now - watched <= longest || violation_) continue;
    violation_ = fmt::format("nobody looks: {} for {} s, though another replica could", monitor,
                             std::chrono::duration_cast<std::chrono::seconds>(now - watched).count());
  }
}

void MonitoredDay::hang(const std::string& monitor, TrueTime length) {
  ReplicaProcess* process = owner_of(monitor);
  if (process != nullptr) monitors_of(*process).hang(monitor, world().queue.now() + length);
}

void MonitoredDay::spread() {
  for (int tries = 0; tries < 10 && owner_of("m1") == owner_of("m2"); ++tries) {
    hang("m2", 1min);
    watch_for(2min);
  }
}

}  // namespace baton

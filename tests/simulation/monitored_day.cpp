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

MonitoredDay::MonitoredDay(const SimulationPlan& plan, const MonitorBugs& bugs, std::vector<SimulatedJob> jobs,
                           const Watching& watching)
    : simulation_(plan, {}, 0),
      monitoring_{simulation_.world(), alerts_, watching.every,    grace,
                  paused_long,         bugs,    watching.monitors, watching.probing},
      exact_(watching.exact) {
  world().note_stall = [this](const std::string& replica, const NoteStall& stall) { note_stall(replica, stall); };
  if (!jobs.empty()) fleet().configure(std::move(jobs));
  fleet().start();
}

std::vector<std::string> MonitoredDay::watch_for(TrueTime time) {
  std::vector<std::string> told;
  for (const TrueTime end = world().queue.now() + time; world().queue.now() < end && advance(end, told);) {
  }
  if (violation_) told.push_back(*violation_);
  return told;
}

bool MonitoredDay::advance(TrueTime end, std::vector<std::string>& told) {
  const TrueTime next = next_step(end);
  world().queue.at(next, [] {});  // so that it is then
  if (!simulation_.run_until(next)) violation_ = simulation_.report().violation;
  if (!violation_) step(told);
  return !violation_;
}

TrueTime MonitoredDay::next_step(TrueTime end) {
  TrueTime next = world().queue.now() + between_steps;
  if (!exact_) return next;
  for (const ReplicaProcess* process : fleet().alive()) {
    const auto known = watchers_.find(process);
    if (process->paused() || known == watchers_.end()) continue;
    for (const Instant look : {known->second->global.next_look(), known->second->self.next_look()}) {
      next = std::min(next, process->true_at(look));
    }
  }
  return std::min(std::max(next, world().queue.now() + TrueTime(1)), end);
}

TrueTime MonitoredDay::time_to(const std::string& told_of, TrueTime bound) {
  const TrueTime began = world().queue.now();
  while (world().queue.now() <= began + bound) {
    for (const std::string& told : watch_for(between_steps)) {
      if (told == told_of) return told_at_.at(told_of) - began;
    }
  }
  return bound + TrueTime(1);
}

MonitoredDay::Watchers& MonitoredDay::watchers_of(ReplicaProcess& process) {
  auto& watchers = watchers_[&process];
  if (watchers == nullptr) watchers = std::make_unique<Watchers>(monitoring_, process);
  return *watchers;
}

void MonitoredDay::step(std::vector<std::string>& told) {
  for (const std::string& one : std::exchange(stalls_, {})) told.push_back(one);
  std::erase_if(watchers_, [](const auto& one) { return !one.first->alive(); });
  for (ReplicaProcess* process : fleet().alive()) {
    if (process->paused()) continue;
    Watchers& watchers = watchers_of(*process);
    for (const std::string& one : watchers.self.step()) note(one, told);
    for (const std::string& one : watchers.global.step()) note(one, told);
  }
  check_watched();
}

void MonitoredDay::note(const std::string& told, std::vector<std::string>& all) {
  told_at_[told] = world().queue.now();
  check_told(told);
  all.push_back(told);
}

// As app/alert_desk.h does.
void MonitoredDay::note_stall(const std::string& replica, const NoteStall& stall) {
  std::vector<FoundTrouble> findings;
  if (stall.stalled) findings.push_back({Trouble::stalled, stall.job, stall.text});
  AlertRules rules;
  rules.teller = replica;
  rules.mine = [&](const Alert& alert) { return alert.kind == name(Trouble::stalled) && alert.subject == stall.job; };
  const auto changes = advance_alerts(open_alerts(), findings, rules, world().repository.now());
  for (const std::string& one : monitoring_.write(changes)) note(one, stalls_);
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

std::int64_t MonitoredDay::newest_execution(const std::string& job) {
  const auto run = world().repository.last_run(job);
  return run && !run->executions.empty() ? run->executions.front().id : 0;
}

// Or need not, since it is paused.
bool MonitoredDay::has_run_since(const std::string& job) {
  const RepositoryView view = world().repository.look();
  const bool paused = std::any_of(view.jobs.begin(), view.jobs.end(), [&](const JobControl& control) {
    return control.job == job && control.paused(view.now);
  });
  return paused || newest_execution(job) != overdue_[job];
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
  if (const auto job = about("begun overdue ")) overdue_[*job] = newest_execution(*job);
  if (const auto job = about("ended overdue "); job && configured(*job) && !has_run_since(*job)) {
    violation_ = fmt::format("false all-clear: {}, though it has not run since", told);
  }
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
  const auto known = watchers_.find(&process);
  return known != watchers_.end() && !known->second->global.hangs(monitor);
}

// A monitor whose loop hangs is taken for dead after a lease, which then runs out for the others.
void MonitoredDay::check_watched() {
  const LeaseTimings& timings = world().plan.timings;
  const TrueTime now = world().queue.now();
  const TrueTime longest = 2 * timings.lease + 2 * timings.heartbeat + 2 * monitoring_.every + between_steps;
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
  if (process != nullptr) watchers_of(*process).global.hang(monitor, world().queue.now() + length);
}

void MonitoredDay::await_round(const std::string& monitor) {
  const TrueTime last = monitoring_.rounds[monitor];
  std::vector<std::string> told;
  while (monitoring_.rounds[monitor] == last && advance(TrueTime::max(), told)) {
  }
}

ReplicaProcess* MonitoredDay::without_monitor() {
  for (ReplicaProcess* process : fleet().alive()) {
    const auto& names = monitoring_.names;
    if (std::none_of(names.begin(), names.end(), [&](const auto& one) { return owner_of(one) == process; })) {
      return process;
    }
  }
  return nullptr;
}

void MonitoredDay::spread() {
  for (int tries = 0; tries < 10 && owner_of("m1") == owner_of("m2"); ++tries) {
    hang("m2", 1min);
    watch_for(2min);
  }
}

}  // namespace baton

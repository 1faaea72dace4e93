#include "tests/simulation/plan.h"

#include "schedule/cron.h"
#include "tests/doubles/seeded_random.h"
#include "tests/simulation/chance.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

constexpr double rare = 0.002;

LeaseTimings timings_of(Random& random) {
  LeaseTimings timings;  // as users get them if they say nothing
  if (chance(random, 0.15)) return timings;
  timings.lease = log_between(random, Duration(1'500), Duration(600'000));
  const Duration longest_heartbeat = (timings.lease - timings.margin()) / 2;
  timings.heartbeat = log_between(random, longest_heartbeat / 5, longest_heartbeat);
  timings.refresh = log_between(random, timings.lease / 20, timings.lease);
  return timings;
}

Schedule schedule_of(Random& random, const SimulationPlan& plan) {
  Schedule schedule;
  const Duration period = log_between(random, plan.timings.refresh * 4, plan.timings.refresh * 60) + Duration(100);
  switch (below(random, 5)) {
    case 0:
    case 1: schedule.when = FixedDelaySchedule{period}; break;
    case 2:
    case 3: schedule.when = FixedRateSchedule{period}; break;
    default: {
      const auto seconds = std::clamp<std::int64_t>(period.count() / 1'000, 2, 30);
      schedule.when = CronSchedule{*Cron::parse(fmt::format("*/{} * * * * *", seconds)), utc()};
    }
  }
  if (chance(random, 0.3)) schedule.jitter = period / 4;
  if (chance(random, 0.2)) schedule.initial_delay = period;
  return schedule;
}

SimulatedStep load(Random& random, const SimulationPlan& plan, std::string name, std::string database, WriteMode mode) {
  SimulatedStep step;
  step.name = std::move(name);
  step.database = std::move(database);
  step.mode = mode;
  step.chunk_rows = below(random, 6) + 1;
  step.rows = step.chunk_rows * (below(random, 6) + 1) + below(random, 3);
  step.work = log_between(random, std::max(plan.timings.heartbeat / 20, Duration(1)), plan.timings.heartbeat * 3);
  return step;
}

std::vector<SimulatedStep> steps_of(Random& random, const SimulationPlan& plan, std::uint64_t kind) {
  switch (kind) {
    case 0: return {load(random, plan, "append", "first", WriteMode::append)};
    case 1: return {load(random, plan, "upsert", "second", WriteMode::upsert)};
    case 2: return {load(random, plan, "own", "repository", WriteMode::append)};
    case 3:
      return {load(random, plan, "one", "first", WriteMode::append),
              load(random, plan, "two", "second", WriteMode::upsert)};
    case 4: return {{"statement", SimulatedStep::Kind::sql, "second", WriteMode::append, 0, 0, Duration(0)}};
    default: {
      SimulatedStep step;
      step.name = "native";
      step.kind = SimulatedStep::Kind::native;
      step.work = log_between(random, plan.timings.heartbeat / 10 + Duration(1), plan.timings.lease);
      return {step};
    }
  }
}

std::vector<SimulatedJob> jobs_of(Random& random, const SimulationPlan& plan) {
  std::vector<SimulatedJob> jobs;
  const auto count = between(random, 2, 7);
  const bool failing = chance(random, 0.4);
  const bool killing = chance(random, 0.3);
  for (std::int64_t number = 0; number < count; ++number) {
    SimulatedJob job;
    job.settings.name = fmt::format("job{}", number);
    job.settings.schedule = schedule_of(random, plan);
    job.settings.restarts = static_cast<int>(below(random, 4));
    job.settings.backoff = log_between(random, plan.timings.heartbeat, plan.timings.lease * 2);
    job.steps = steps_of(random, plan, number == 0 ? 0 : below(random, 6));
    if (failing && chance(random, 0.3)) job.chunk_fails = 0.05;
    if (killing && chance(random, 0.3)) job.chunk_kills = 0.02;
    jobs.push_back(std::move(job));
  }
  if (chance(random, 0.2)) {  // whoever takes it fails to become its owner, again and again
    SimulatedJob& slow = jobs.back();
    slow.steps = {load(random, plan, "slow", "swamp", WriteMode::append)};
  }
  return jobs;
}

NetworkFaults network_of(Random& random, const SimulationPlan& plan, Duration timeout) {
  NetworkFaults faults;
  const Duration slowest_usual = std::min(Duration(20), plan.timings.heartbeat / 10);
  faults.latency = log_between(random, Duration(1), std::max(slowest_usual, Duration(2)));
  const bool lossy = chance(random, 0.6);
  if (lossy && chance(random, 0.7)) faults.request_lost = rare * static_cast<double>(between(random, 1, 40));
  if (lossy && chance(random, 0.7)) faults.answer_lost = rare * static_cast<double>(between(random, 1, 40));
  if (chance(random, 0.4)) faults.refused = rare * static_cast<double>(between(random, 1, 40));
  if (chance(random, 0.5)) faults.slow = rare * static_cast<double>(between(random, 1, 40));
  faults.slowest = timeout * between(random, 1, 4);
  return faults;
}

std::vector<std::pair<FaultKind, TrueTime>> faults_of(Random& random, const SimulationPlan& plan) {
  std::vector<std::pair<FaultKind, TrueTime>> faults;
  const double density = 0.2 + 0.6 * share(random);
  for (int kind = 0; kind < fault_kinds; ++kind) {
    if (!chance(random, density)) continue;
    faults.emplace_back(static_cast<FaultKind>(kind), plan.leases(5.0 + 60.0 * share(random)));
  }
  return faults;
}

// A third of the jobs: limits that a run in good health stays below, and that outages, stops and stalls break. Drawn
// apart from the rest, so that a seed means what it meant without them.
void limit_some(std::uint64_t seed, SimulationPlan& plan) {
  SeededRandom random(seed * 0x9E3779B97F4A7C15ULL + 2);
  for (SimulatedJob& job : plan.jobs) {
    if (!chance(random, 0.3)) continue;
    RunLimits& limits = job.settings.limits;
    const auto longest = std::chrono::duration_cast<Duration>(longest_run_of(job, plan));
    if (chance(random, 0.7)) limits.timeout = 3 * longest + plan.timings.lease;
    Duration work(0);
    for (const SimulatedStep& step : job.steps) work = std::max(work, step.work);
    const auto calls = std::chrono::duration_cast<Duration>(40 * plan.database_network.latency);
    if (chance(random, 0.7)) limits.stall = 3 * work + calls + plan.timings.lease;
    limits.on_stall = static_cast<StallAction>(below(random, 3));
  }
}

}  // namespace

// Twice what its work takes, and twenty calls for each chunk.
TrueTime longest_run_of(const SimulatedJob& job, const SimulationPlan& plan) {
  TrueTime time = 40 * plan.database_network.latency;
  for (const SimulatedStep& step : job.steps) {
    const auto chunks = static_cast<std::int64_t>(step.rows / std::max<std::uint64_t>(step.chunk_rows, 1)) + 2;
    time += chunks * (2 * TrueTime(step.work) + 20 * plan.database_network.latency);
  }
  return time;
}

SimulationPlan plan_of(std::uint64_t seed) {
  SeededRandom random(seed * 0x9E3779B97F4A7C15ULL + 1);
  SimulationPlan plan;
  plan.seed = seed;
  plan.timings = timings_of(random);
  plan.balance = chance(random, 0.75) ? Balance::fair : Balance::greedy;
  plan.hosts = static_cast<int>(between(random, 2, 4));
  plan.jobs = jobs_of(random, plan);
  const auto jobs = static_cast<std::int64_t>(plan.jobs.size());
  const auto enough = (jobs + plan.hosts - 1) / plan.hosts;
  plan.tokens = chance(random, 0.7) ? between(random, enough, jobs) : between(random, 1, enough);
  plan.database_timeout = log_between(random, plan.timings.heartbeat / 2, plan.timings.lease);
  plan.lease_network = network_of(random, plan, plan.timings.heartbeat);
  plan.database_network = network_of(random, plan, plan.database_timeout);
  if (chance(random, 0.7)) plan.commit_stalls = 0.02;
  plan.longest_stall = plan.leases(4);
  if (chance(random, 0.6)) plan.stops_at_calls = 5 * rare * share(random);
  plan.wall_skew = std::chrono::minutes(between(random, 0, 10));
  plan.faults = faults_of(random, plan);
  plan.chaos = std::chrono::duration_cast<TrueTime>(plan.timings.refresh * between(random, 1'500, 4'000));
  limit_some(seed, plan);
  return plan;
}

SimulationPlan plan_with_idle_jobs(std::uint64_t seed) {
  SimulationPlan plan = plan_of(seed);
  for (SimulatedJob& job : plan.jobs) {
    const Duration idle = plan.timings.refresh * 8 + job.settings.schedule.jitter;
    const Duration least = idle + std::chrono::duration_cast<Duration>(longest_run_of(job, plan));
    auto& when = job.settings.schedule.when;
    if (auto* delay = std::get_if<FixedDelaySchedule>(&when)) {
      delay->delay = std::max(delay->delay, idle);
    } else if (auto* rate = std::get_if<FixedRateSchedule>(&when)) {
      rate->rate = std::max(rate->rate, least);
    } else if (least > std::chrono::seconds(2)) {
      when = FixedRateSchedule{least};
    }
  }
  return plan;
}

}  // namespace baton

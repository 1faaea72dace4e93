// P6 exactly: how long the jobs of a dead replica stay without an owner.
#include "tests/simulation/chance.h"
#include "tests/simulation/seeds.h"

#include <gtest/gtest.h>
#include <algorithm>
#include <iostream>

namespace baton {
namespace {

// Nothing goes wrong but what the test does, and everybody has a token to spare.
SimulationPlan calm_plan(std::uint64_t seed) {
  SimulationPlan plan = plan_of(seed);
  plan.faults.clear();
  plan.lease_network = NetworkFaults{plan.lease_network.latency};
  plan.database_network = NetworkFaults{plan.database_network.latency};
  plan.commit_stalls = plan.stops_at_calls = 0;
  plan.tokens = static_cast<std::int64_t>(plan.jobs.size());
  for (SimulatedJob& job : plan.jobs) {
    job.chunk_fails = job.chunk_kills = 0;
    for (SimulatedStep& step : job.steps) {
      if (step.database == "swamp") step.database = "first";
    }
  }
  return plan;
}

std::vector<std::string> jobs_of(Surroundings& world, const std::string& owner) {
  std::vector<std::string> jobs;
  for (const SimulatedJob& job : world.plan.jobs) {
    const LeaseTruth& truth = world.leases.truth(job.settings.name);
    if (truth.owner == owner && !truth.released) jobs.push_back(job.settings.name);
  }
  return jobs;
}

// From the death of a replica to the take of the last of its jobs; less than 0 if one was not taken until `bound`.
TrueTime time_without_owner(Simulation& simulation, TrueTime bound) {
  Surroundings& world = simulation.world();
  world.healed = true;  // no fault but this
  ReplicaProcess* victim = one_of(world.random, simulation.fleet().alive());
  const std::string id = victim->id();
  const auto machine = static_cast<std::size_t>(victim->host().number);
  const std::vector<std::string> jobs = jobs_of(world, id);
  const TrueTime died = world.queue.now();
  simulation.fleet().crash(machine, std::chrono::hours(10'000));
  const auto taken = [&](const std::string& job) { return world.leases.truth(job).owner != id; };
  for (TrueTime at = died; at <= died + bound; at += bound / 1'000) {
    if (!simulation.run_until(at)) return TrueTime(-1);
    if (std::all_of(jobs.begin(), jobs.end(), taken)) return at - died;
  }
  return TrueTime(-1);
}

// The last renewal may have been made just before the death. Who waits for leases sees it within one refresh, and a
// listing may itself be under way for 2 latencies; the lease is timed from then on a clock that drifts; at its end it
// is read once more and taken, in turns: 2 latencies for each call, two calls for each job.
TrueTime bound_of(const SimulationPlan& plan) {
  const auto calls = static_cast<std::int64_t>(2 * plan.jobs.size() + 4);
  const TrueTime drift = plan.leases(2 * plan.drift);
  return plan.leases(1) + drift + TrueTime(plan.timings.refresh) + calls * 2 * plan.lease_network.latency;
}

TEST(TakeOverP6, ReplicaDiesThenItsJobsAreTakenWithinALeaseAndARefresh) {
  double longest = 0;  // share of the bound
  const auto seeds = static_cast<std::uint64_t>(std::max(10.0, 300 * simulation_scale()));
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const SimulationPlan plan = calm_plan(seed);
    Simulation simulation(plan, {}, 0);
    simulation.fleet().start();
    ASSERT_TRUE(simulation.run_until(plan.leases(6) + 20 * TrueTime(plan.timings.refresh)));
    const TrueTime took = time_without_owner(simulation, bound_of(plan));
    ASSERT_GE(took.count(), 0) << "seed " << seed << ": not taken within " << bound_of(plan).count() << " us; "
                               << simulation.report().violation.value_or("");
    longest = std::max(longest, static_cast<double>(took.count()) / static_cast<double>(bound_of(plan).count()));
  }
  std::cout << "longest take-over: " << longest << " of the bound\n";
}

}  // namespace
}  // namespace baton

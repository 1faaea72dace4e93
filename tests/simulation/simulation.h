// A whole simulation of one seed: chaos, in which nothing may go wrong; then, if wanted, health, in which everything
// must come right within bounds.
#pragma once

#include "tests/simulation/fleet.h"

#include <deque>
#include <optional>
#include <string>

namespace baton {

struct SimulationOptions {
  PlantedBugs bugs;
  bool heals = false;
  std::size_t kept_events = 0;  // as text, for a report
};

struct SimulationReport {
  std::optional<std::string> violation;
  std::deque<std::string> last_events;  // with text only
  std::uint64_t trace_hash = 0;
  double replica_hours = 0;
  std::uint64_t events = 0;
  std::int64_t commits = 0;
  std::int64_t take_overs = 0;
  std::int64_t runs = 0;
  std::int64_t starts = 0;
  std::int64_t offers = 0;
};

SimulationReport simulate(const SimulationPlan& plan, const SimulationOptions& options);

// What the simulation of one plan consists of; for tests that make things happen themselves.
class Simulation {
 public:
  Simulation(const SimulationPlan& plan, const PlantedBugs& bugs, std::size_t kept_events);
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  // Until then, or until an invariant is violated. True if none was.
  bool run_until(TrueTime end);

  Surroundings& world() { return world_; }
  Fleet& fleet() { return fleet_; }
  // No fault from now on, and none is left.
  void heal();
  SimulationReport report() const;

 private:
  void trouble(const std::string& replica, TrueTime at_least);
  void notify(const ChangesNoticed& changes);
  void check_offer(const std::string& owner, const std::string& job, const LeaseTruth& before);

  const SimulationPlan plan_;
  EventQueue queue_;
  Trace trace_;
  SeededRandom random_;
  SeededRandom notices_;  // apart, so that a plan's other draws stay what they are
  Network network_;
  LeaseServer leases_;
  PlantedBugs bugs_;
  RepositoryServer repository_;
  DatabaseServer first_;
  DatabaseServer second_;
  DatabaseServer swamp_;
  Surroundings world_;
  Fleet fleet_;
};

}  // namespace baton

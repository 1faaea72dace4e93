// How the simulation's tests choose seeds, and what they say when one fails.
#pragma once

#include "tests/simulation/simulation.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace baton {

// BATON_SEED: run this seed and no other; with BATON_SIMULATED_HOURS: from this one on.
std::optional<std::uint64_t> wanted_seed();

// How many simulated replica-hours of a test's share to run: all of it in a release build, little under a sanitizer or
// without optimization. BATON_SIMULATED_HOURS says how many instead.
double hours_to_simulate(double share);
// 1 in a release build, less elsewhere.
double simulation_scale();

struct SeedsReport {
  std::int64_t seeds = 0;
  SimulationReport sum;  // its violation is the first one
  std::uint64_t failed_seed = 0;
};

// From `first` on, until `hours` are simulated or a seed fails.
SeedsReport run_seeds(std::uint64_t first, double hours, const SimulationOptions& options);

// The seed, the command that repeats it, the invariant, and the last events (BATON_EVENTS: how many) of a run with
// text.
std::string describe_failure(std::uint64_t seed, const SimulationOptions& options, const std::string& program,
                             const std::string& filter);

// "1250 replica-hours, 3 seeds, …"
std::string in_words(const SeedsReport& report);

}  // namespace baton

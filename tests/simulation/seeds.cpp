#include "tests/simulation/seeds.h"

#include <fmt/format.h>
#include <cstdlib>

namespace baton {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double scale = 0.01;
#elif defined(__OPTIMIZE__)
constexpr double scale = 1;
#else
constexpr double scale = 0.05;
#endif

const char* setting(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr || *text == '\0' ? nullptr : text;
}

SimulationPlan plan_for(std::uint64_t seed, const SimulationOptions& options) {
  return options.heals ? plan_with_idle_jobs(seed) : plan_of(seed);
}

void add(SimulationReport& sum, const SimulationReport& one) {
  sum.trace_hash = sum.trace_hash * 31 + one.trace_hash;
  sum.replica_hours += one.replica_hours;
  sum.events += one.events;
  sum.commits += one.commits;
  sum.take_overs += one.take_overs;
  sum.runs += one.runs;
  sum.starts += one.starts;
  sum.offers += one.offers;
  sum.violation = one.violation;
}

}  // namespace

std::optional<std::uint64_t> wanted_seed() {
  const char* text = setting("BATON_SEED");
  return text == nullptr ? std::nullopt : std::optional(std::strtoull(text, nullptr, 10));
}

double simulation_scale() { return scale; }

double hours_to_simulate(double share) {
  const char* text = setting("BATON_SIMULATED_HOURS");
  return text == nullptr ? share * scale : std::strtod(text, nullptr);
}

SeedsReport run_seeds(std::uint64_t first, double hours, const SimulationOptions& options) {
  SeedsReport report;
  for (std::uint64_t seed = wanted_seed().value_or(first); report.sum.replica_hours < hours; ++seed) {
    add(report.sum, simulate(plan_for(seed, options), options));
    ++report.seeds;
    if (report.sum.violation) {
      report.failed_seed = seed;
      break;
    }
    if (wanted_seed() && setting("BATON_SIMULATED_HOURS") == nullptr) break;
  }
  return report;
}

std::string describe_failure(std::uint64_t seed, const SimulationOptions& options, const std::string& program,
                             const std::string& filter) {
  SimulationOptions again = options;
  const char* events = setting("BATON_EVENTS");
  again.kept_events = events == nullptr ? 80 : std::strtoull(events, nullptr, 10);
  const SimulationReport report = simulate(plan_for(seed, options), again);
  std::string text = fmt::format("seed {}\nBATON_SEED={} {} --gtest_filter={}\n{}\nthe last events:\n", seed, seed,
                                 program, filter, report.violation.value_or("not violated when repeated"));
  for (const std::string& line : report.last_events) text += line + "\n";
  return text;
}

std::string in_words(const SeedsReport& report) {
  const SimulationReport& sum = report.sum;
  return fmt::format(
      "{:.0f} simulated replica-hours, {} seeds, {} events, {} processes, {} commits, {} take-overs, {} runs "
      "completed, "
      "{} offers",
      sum.replica_hours, report.seeds, sum.events, sum.starts, sum.commits, sum.take_overs, sum.runs, sum.offers);
}

}  // namespace baton

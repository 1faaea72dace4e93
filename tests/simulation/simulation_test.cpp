// Thousands of hours of several replicas, with the shipped rooms and everything going wrong that can. See simulation.h.
#include "tests/simulation/seeds.h"

#include <gtest/gtest.h>
#include <iostream>

namespace baton {
namespace {

constexpr std::uint64_t seeds_apart = 1'000'000;

// The program's path from the source folder, for the command that repeats a failure.
std::string program() {
  std::string path = testing::internal::GetArgvs().front();
  const std::string top = std::string(BATON_SOURCE_DIR) + "/";
  return path.rfind(top, 0) == 0 ? path.substr(top.size()) : path;
}

void expect_no_violation(std::uint64_t first_seed, double hours, const SimulationOptions& options) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const SeedsReport report = run_seeds(first_seed, hours_to_simulate(hours), options);
  if (report.sum.violation) {
    FAIL() << describe_failure(report.failed_seed, options, program(),
                               fmt::format("{}.{}", test->test_suite_name(), test->name()));
  }
  std::cout << in_words(report) << "\n";
}

// Safety: nothing goes wrong while everything goes wrong.
class Chaos : public testing::TestWithParam<int> {};

TEST_P(Chaos, EverythingFailsThenEachRowIsWrittenOnceByOneOwner) {
  expect_no_violation(static_cast<std::uint64_t>(GetParam()) * seeds_apart, 2'000, {});
}
INSTANTIATE_TEST_SUITE_P(Simulation, Chaos, testing::Range(1, 10));

// Liveness: when nothing goes wrong any more, all comes right.
class Healing : public testing::TestWithParam<int> {};

TEST_P(Healing, FaultsEndThenEveryJobIsOwnedAndRunsAndSharesAreFair) {
  SimulationOptions options;
  options.heals = true;
  expect_no_violation(static_cast<std::uint64_t>(GetParam()) * seeds_apart, 800, options);
}
INSTANTIATE_TEST_SUITE_P(Simulation, Healing, testing::Range(101, 105));

TEST(Simulation, SameSeedThenSameTrace) {
  SimulationOptions options;
  options.heals = true;
  SimulationPlan plan = plan_of(7);
  plan.chaos = plan.leases(100);
  const SimulationReport once = simulate(plan, options);
  const SimulationReport again = simulate(plan, options);
  options.kept_events = 10;
  const SimulationReport told = simulate(plan, options);
  EXPECT_GT(once.commits, 0);
  EXPECT_EQ(once.trace_hash, again.trace_hash);
  EXPECT_EQ(once.trace_hash, told.trace_hash);
  SimulationPlan other = plan_of(8);
  other.chaos = plan.chaos;
  EXPECT_NE(once.trace_hash, simulate(other, {}).trace_hash);
}

}  // namespace
}  // namespace baton

// The simulation must find the bugs that it is there to find: each of these is planted.
#include "tests/simulation/seeds.h"

#include <gtest/gtest.h>
#include <iostream>

namespace baton {
namespace {

constexpr double hours = 1'000;
constexpr std::uint64_t first_seed = 3'000'000;

void expect_found(const PlantedBugs& bugs, std::initializer_list<std::string_view> invariants) {
  SimulationOptions options;
  options.bugs = bugs;
  const SeedsReport report = run_seeds(first_seed, hours, options);
  ASSERT_TRUE(report.sum.violation) << "not found: " << in_words(report);
  std::cout << "found after " << in_words(report) << ": " << *report.sum.violation << "\n";
  for (const std::string_view invariant : invariants) {
    if (report.sum.violation->starts_with(invariant)) return;
  }
  ADD_FAILURE() << "found as something else: " << *report.sum.violation;
}

TEST(PlantedBug, NoFenceThenItIsFound) {
  PlantedBugs bugs;
  bugs.no_fence = true;
  expect_found(bugs, {"one commits"});
}

TEST(PlantedBug, ProgressApartFromDataThenItIsFound) {
  PlantedBugs bugs;
  bugs.progress_apart = true;
  expect_found(bugs, {"each row once"});
}

TEST(PlantedBug, FenceWithoutRenewalInBetweenThenItIsFound) {
  PlantedBugs bugs;
  bugs.fence_without_renewal = true;
  expect_found(bugs, {"P8"});
}

TEST(PlantedBug, BlindRetryThenItIsFound) {
  PlantedBugs bugs;
  bugs.blind_retry = true;
  expect_found(bugs, {"P11", "each row once"});
}

TEST(PlantedBug, ReleaseBeforeTheRunHasStoppedThenItIsFound) {
  PlantedBugs bugs;
  bugs.release_before_end = true;
  expect_found(bugs, {"P7", "P12"});
}

TEST(PlantedBug, WallClockInALeaseThenItIsFound) {
  PlantedBugs bugs;
  bugs.wall_clock_in_lease = true;
  expect_found(bugs, {"P3", "P12"});
}

TEST(PlantedBug, OffersWithoutAReceiverThenItIsFound) {
  PlantedBugs bugs;
  bugs.offers_without_receiver = true;
  expect_found(bugs, {"P20"});
}

}  // namespace
}  // namespace baton

// Monitors that move, hang, and are of different configurations: what they tell is true on every day, and each planted
// bug makes it false on one of them.
#include "tests/simulation/seeds.h"
#include "tests/simulation/troubled_day.h"

#include <gtest/gtest.h>
#include <algorithm>
#include <iostream>

namespace baton {
namespace {

constexpr std::uint64_t first_seed = 3'000'000;
constexpr int most_days = 40;

TEST(TroubledDays, MonitorsMoveAndHangAndAreUpdatedThenWhatTheyTellIsTrue) {
  const int days = std::max(1, static_cast<int>(most_days * simulation_scale()));
  double hours = 0;
  for (std::uint64_t seed = wanted_seed().value_or(first_seed); hours == 0 || (seed < first_seed + days); ++seed) {
    const TroubledDayReport report = troubled_day(seed, {});
    hours += report.replica_hours;
    ASSERT_FALSE(report.violation) << "BATON_SEED=" << seed << ": " << *report.violation;
    if (wanted_seed()) break;
  }
  std::cout << static_cast<std::int64_t>(hours) << " simulated replica-hours\n";
}

void expect_found(const MonitorBugs& bugs, std::string_view invariant) {
  const std::uint64_t first = wanted_seed().value_or(first_seed);
  double hours = 0;
  for (std::uint64_t seed = first; seed < first + most_days; ++seed) {
    const TroubledDayReport report = troubled_day(seed, bugs);
    hours += report.replica_hours;
    if (!report.violation) continue;
    std::cout << "found after " << static_cast<std::int64_t>(hours) << " simulated replica-hours, " << seed - first + 1
              << " seeds: " << *report.violation << "\n";
    EXPECT_TRUE(report.violation->starts_with(invariant)) << *report.violation;
    return;
  }
  FAIL() << "not found in " << hours << " simulated replica-hours";
}

TEST(PlantedBug, MonitorThatMovesForgetsWhatWasFoundThenItIsFound) {
  MonitorBugs bugs;
  bugs.forgets_open_alerts = true;
  expect_found(bugs, "false all-clear: ended");
}

TEST(PlantedBug, MonitorEndsWhatOnlyAnotherConfigurationKnowsThenItIsFound) {
  MonitorBugs bugs;
  bugs.ends_what_it_cannot_see = true;
  expect_found(bugs, "false all-clear: ended");
}

TEST(PlantedBug, MonitorThatHangsKeepsItsLeaseThenItIsFound) {
  MonitorBugs bugs;
  bugs.renews_while_hung = true;
  expect_found(bugs, "nobody looks");
}

TEST(PlantedBug, OwnerEndsWhatIsNotItsToJudgeThenItIsFound) {
  MonitorBugs bugs;
  bugs.owner_ends_for_others = true;
  expect_found(bugs, "false all-clear: ended");
}

}  // namespace
}  // namespace baton

// The eighth planted bug is inside a shipped class: this program is linked with a copy of lease/held_lease.cpp that
// counts trust from the answer of a renewal instead of from its sending (see CMakeLists.txt). No shipped object is.
#include "tests/simulation/seeds.h"

#include <gtest/gtest.h>
#include <iostream>

namespace baton {
namespace {

TEST(PlantedBug, TrustCountedFromTheAnswerThenItIsFound) {
  const SeedsReport report = run_seeds(3'000'000, 1'000, {});
  ASSERT_TRUE(report.sum.violation) << "not found: " << in_words(report);
  std::cout << "found after " << in_words(report) << ": " << *report.sum.violation << "\n";
  const std::string& found = *report.sum.violation;
  EXPECT_TRUE(found.starts_with("P3") || found.starts_with("P12")) << found;
}

}  // namespace
}  // namespace baton

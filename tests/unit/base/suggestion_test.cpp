#include "base/suggestion.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(Suggestion, DistanceThenSwappedNeighboursCountOnce) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("warehuose", "warehouse"), 1U);
  EXPECT_EQ(edit_distance("Lease", "lease"), 0U);
}

TEST(Suggestion, NearestThenOnlyOneThatIsNearEnough) {
  EXPECT_EQ(nearest("tokns", {"refresh", "tokens"}), "tokens");
  EXPECT_EQ(nearest("x", {"a", "url"}), std::nullopt);
  EXPECT_EQ(nearest("frobnicate", {"tokens", "lease"}), std::nullopt);
  EXPECT_EQ(nearest(std::string(1'000'000, 'a'), {"a"}), std::nullopt);
}

}  // namespace
}  // namespace baton

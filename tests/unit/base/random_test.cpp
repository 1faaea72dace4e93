#include "base/random.h"

#include <gtest/gtest.h>
#include <regex>
#include <set>

namespace baton {
namespace {

class Counting : public Random {
 public:
  std::uint64_t bits() override { return state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL; }

 private:
  std::uint64_t state_ = 1;
};

TEST(Random, UuidHasTheFormOfVersionFour) {
  Counting random;
  const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = uuid(random);
    EXPECT_TRUE(std::regex_match(id, form)) << id;
    EXPECT_TRUE(seen.insert(id).second);
  }
}

TEST(Random, BelowStaysBelow) {
  Counting random;
  for (int i = 0; i < 1000; ++i) EXPECT_LT(below(random, 7), 7U);
  EXPECT_EQ(below(random, 0), 0U);
}

}  // namespace
}  // namespace baton

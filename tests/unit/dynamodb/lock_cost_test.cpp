#include "dynamodb/lock_cost.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

constexpr double a_minute_each_5_s = 12;
constexpr double a_minute_each_second = 60;

LockLoad load_of(int jobs, std::int64_t replicas, std::int64_t tokens) {
  LockLoad load;
  for (int i = 0; i < jobs; ++i) load.jobs.push_back("job-" + std::to_string(i));
  load.replicas = replicas;
  load.tokens = tokens;
  load.timings = {Duration(20'000), Duration(5'000), Duration(1'000)};
  return load;
}

TEST(LockCost, TokensJustEnoughThenOneWriteALeaseAndOneListingAReplicaEachHeartbeat) {
  const LockCost cost = lock_cost(load_of(4, 2, 2));
  EXPECT_DOUBLE_EQ(cost.write_units, 4 * a_minute_each_5_s);
  EXPECT_DOUBLE_EQ(cost.listings, 2 * a_minute_each_5_s);
  EXPECT_DOUBLE_EQ(cost.read_units, 2 * a_minute_each_5_s * 0.5) << "four items fit one block of 4 KiB";
  EXPECT_DOUBLE_EQ(cost.read_units_by_keys, 2 * a_minute_each_5_s * 4 * 0.5);
}

TEST(LockCost, FreeTokensThenTheirReplicasListEachRefresh) {
  EXPECT_DOUBLE_EQ(lock_cost(load_of(4, 2, 4)).listings, 2 * a_minute_each_second);
  EXPECT_DOUBLE_EQ(lock_cost(load_of(5, 2, 3)).listings, a_minute_each_5_s + a_minute_each_second);
  EXPECT_DOUBLE_EQ(lock_cost(load_of(4, 1, 4)).listings, a_minute_each_5_s);
  LockLoad greedy = load_of(4, 3, 2);
  greedy.fair = false;
  EXPECT_DOUBLE_EQ(lock_cost(greedy).listings, 2 * a_minute_each_5_s + a_minute_each_second);
}

TEST(LockCost, TooFewTokensThenOnlyWhatIsOwnedIsRenewed) {
  const LockCost cost = lock_cost(load_of(10, 2, 3));
  EXPECT_DOUBLE_EQ(cost.write_units, 6 * a_minute_each_5_s);
  EXPECT_DOUBLE_EQ(cost.listings, 2 * a_minute_each_5_s);
}

// 500 items of 130 to 132 bytes: 17 blocks.
TEST(LockCost, ManyJobsThenAScanIsFarCheaperThanKeys) {
  const LockCost cost = lock_cost(load_of(500, 5, 100));
  EXPECT_DOUBLE_EQ(cost.write_units, 500 * a_minute_each_5_s);
  EXPECT_DOUBLE_EQ(cost.read_units, 5 * a_minute_each_5_s * 17 * 0.5);
  EXPECT_DOUBLE_EQ(cost.read_units_by_keys, 5 * a_minute_each_5_s * 250);
}

}  // namespace
}  // namespace baton

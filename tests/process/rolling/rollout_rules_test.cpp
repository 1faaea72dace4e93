#include "tests/process/rolling/rollout_rules.h"

#include <gtest/gtest.h>
#include <algorithm>

namespace baton {
namespace {

constexpr RolloutStrategy no_surge{0, 1, false};
constexpr RolloutStrategy surge{1, 0, false};
constexpr RolloutStrategy recreate{0, 0, true};

TEST(RolloutRules, NoSurgeThenOneOldPodEndsBeforeANewOneStarts) {
  EXPECT_EQ(next_rollout_step(no_surge, {.wanted = 3, .old_ready = 3}), (RolloutStep{0, 1}));
  EXPECT_EQ(next_rollout_step(no_surge, {.wanted = 3, .old_ready = 2, .ending = 1}), (RolloutStep{1, 0}))
      << "one that is ending is not counted";
  EXPECT_EQ(next_rollout_step(no_surge, {.wanted = 3, .old_ready = 2, .new_unready = 1}), (RolloutStep{0, 0}));
  EXPECT_EQ(next_rollout_step(no_surge, {.wanted = 3, .old_ready = 2, .new_ready = 1}), (RolloutStep{0, 1}));
}

TEST(RolloutRules, SurgeThenANewPodIsReadyBeforeAnOldOneEnds) {
  EXPECT_EQ(next_rollout_step(surge, {.wanted = 3, .old_ready = 3}), (RolloutStep{1, 0}));
  EXPECT_EQ(next_rollout_step(surge, {.wanted = 3, .old_ready = 3, .new_unready = 1}), (RolloutStep{0, 0}));
  EXPECT_EQ(next_rollout_step(surge, {.wanted = 3, .old_ready = 3, .new_ready = 1}), (RolloutStep{0, 1}));
  EXPECT_EQ(next_rollout_step(surge, {.wanted = 3, .old_ready = 1, .new_ready = 3}), (RolloutStep{0, 1}));
}

TEST(RolloutRules, RecreateThenAllEndBeforeTheFirstStarts) {
  EXPECT_EQ(next_rollout_step(recreate, {.wanted = 2, .old_ready = 2}), (RolloutStep{0, 2}));
  EXPECT_EQ(next_rollout_step(recreate, {.wanted = 2, .ending = 1}), (RolloutStep{0, 0}));
  EXPECT_EQ(next_rollout_step(recreate, {.wanted = 2}), (RolloutStep{2, 0}));
}

TEST(RolloutRules, AnOldPodIsNotReadyThenItGoesFirst) {
  EXPECT_EQ(next_rollout_step(no_surge, {.wanted = 3, .old_ready = 2, .old_unready = 1}), (RolloutStep{0, 1}));
}

// Whatever order pods become ready and end in, it comes to an end, and the two bounds hold all the way.
TEST(RolloutRules, FollowedToTheEndThenNeverMoreNorFewerThanAllowed) {
  for (const RolloutStrategy& strategy :
       {no_surge, surge, RolloutStrategy{2, 1, false}, RolloutStrategy{1, 2, false}}) {
    PodCounts pods{.wanted = 4, .old_ready = 4};
    int steps = 0;
    for (; !rolled_out(pods) && steps < 100; ++steps) {
      const RolloutStep step = next_rollout_step(strategy, pods);
      pods.new_unready += step.start;
      pods.old_ready -= step.end;
      pods.ending += step.end;
      EXPECT_GE(pods.old_ready + pods.new_ready, pods.wanted - strategy.max_unavailable);
      EXPECT_LE(pods.old_ready + pods.new_ready + pods.new_unready, pods.wanted + strategy.max_surge);
      if (step != RolloutStep{}) continue;
      if (steps % 2 == 0 && pods.new_unready > 0) {
        --pods.new_unready;
        ++pods.new_ready;
      } else {
        pods.ending = std::max(0, pods.ending - 1);
      }
    }
    EXPECT_TRUE(rolled_out(pods)) << "surge " << strategy.max_surge << ", unavailable " << strategy.max_unavailable;
  }
}

}  // namespace
}  // namespace baton

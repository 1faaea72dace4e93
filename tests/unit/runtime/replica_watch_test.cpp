#include "runtime/replica_watch.h"

#include <gtest/gtest.h>
#include <latch>
#include <thread>

namespace baton {
namespace {

constexpr Instant start{std::chrono::hours(1)};

ReplicaView view_with(std::int64_t tokens_used) {
  ReplicaView view;
  view.tokens_used = tokens_used;
  return view;
}

TEST(ReplicaWatchTest, NoReplicaIsAttachedThenAnEmptyViewAndAPulseThatIsNotReady) {
  const ReplicaWatch watch;
  EXPECT_EQ(watch.view()->tokens_used, 0);
  EXPECT_FALSE(watch.pulse().ready());
}

TEST(ReplicaWatchTest, AttachedThenFreshViewsAndAfterwardsTheLast) {
  ReplicaWatch watch;
  int used = 0;
  watch.attach([&used] { return view_with(++used); });
  EXPECT_EQ(watch.view()->tokens_used, 1);
  EXPECT_EQ(watch.view()->tokens_used, 2);
  watch.detach();
  EXPECT_EQ(watch.view()->tokens_used, 2);
}

TEST(ReplicaWatchTest, TheReplicaHangsThenOneWaitsAndTheOthersHaveTheLastView) {
  ReplicaWatch watch;
  std::latch hangs(1);
  std::latch end(1);
  bool hang = false;
  watch.attach([&] {
    if (hang) {
      hangs.count_down();
      end.wait();
    }
    return view_with(hang ? 2 : 1);
  });
  EXPECT_EQ(watch.view()->tokens_used, 1);
  hang = true;
  std::jthread first([&] { EXPECT_EQ(watch.view()->tokens_used, 2); });
  hangs.wait();
  EXPECT_EQ(watch.view()->tokens_used, 1);
  EXPECT_FALSE(watch.pulse().ready()) << "answers at once";
  end.count_down();
  first.join();
  watch.detach();
}

TEST(ReplicaWatchTest, TheLastTickIsTooOldThenItsLoopsHang) {
  const ReplicaPulse pulse{start, true, true, false};
  EXPECT_TRUE(loops_tick(pulse, Duration(10'000), start));
  EXPECT_TRUE(loops_tick(pulse, Duration(10'000), start + Duration(9'999)));
  EXPECT_FALSE(loops_tick(pulse, Duration(10'000), start + Duration(10'000)));
}

// Whoever restarts it then restarts nobody whose store is only away: such calls fail long before.
TEST(ReplicaWatchTest, ACallOfTheLeaseStoreHangsThenNotReadyAtOnceAndNotLiveAfterALookup) {
  ReplicaPulse pulse{start, false, true, false, start};
  EXPECT_FALSE(pulse.ready());
  const auto live_after = [&pulse](Duration time) {
    pulse.at = start + time;
    return loops_tick(pulse, Duration(20'000), pulse.at);
  };
  EXPECT_TRUE(live_after(Duration(20'000)));
  EXPECT_TRUE(live_after(Duration(79'999)));
  EXPECT_FALSE(live_after(Duration(80'000)));
}

TEST(ReplicaWatchTest, AStoreIsAwayOrItLeavesThenItIsNotReady) {
  EXPECT_TRUE((ReplicaPulse{start, true, true, false}.ready()));
  EXPECT_FALSE((ReplicaPulse{start, false, true, false}.ready()));
  EXPECT_FALSE((ReplicaPulse{start, true, false, false}.ready()));
  EXPECT_FALSE((ReplicaPulse{start, true, true, true}.ready()));
}

}  // namespace
}  // namespace baton

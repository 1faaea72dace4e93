#include "runtime/system_clock.h"

#include "runtime/system_random.h"

#include <gtest/gtest.h>
#include <set>
#include <thread>

namespace baton {
namespace {

TEST(SystemClock, AMomentThatHasComeIsNotWaitedFor) {
  SystemClock clock;
  EXPECT_TRUE(clock.wait_until(clock.now(), {}));
  EXPECT_TRUE(clock.wait_until(Instant::min(), {}));
}

TEST(SystemClock, AWaitEndsAtItsMomentAndNotBefore) {
  SystemClock clock;
  const Instant until = clock.now() + Duration(5);
  EXPECT_TRUE(clock.wait_until(until, {}));
  EXPECT_GE(clock.now(), until);
}

TEST(SystemClock, AStopEndsAWaitThatWouldLastForEver) {
  SystemClock clock;
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  EXPECT_FALSE(clock.wait_until(Instant::max(), stop.get_token()));
  EXPECT_FALSE(clock.wait_until(clock.now() + Duration(60'000), stop.get_token()));
}

TEST(SystemClock, WallTimeIsInThisCentury) {
  EXPECT_GT(SystemClock().wall_now(), WallTime(std::chrono::hours(24 * 365 * 50)));
}

TEST(SystemRandom, NumbersDoNotRepeat) {
  SystemRandom random;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1'000; ++i) seen.insert(random.bits());
  EXPECT_EQ(seen.size(), 1'000U);
}

}  // namespace
}  // namespace baton

// What is ended when in a shutdown (P22).
#include "runtime/shutdown_times.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(P22ShutdownTimes, CommandsAreKilledTwoSecondsAndTheProcessLeavesOneBeforeTheGraceIsUp) {
  const ShutdownTimes times = shutdown_times(Duration(25'000));
  EXPECT_EQ(times.kill, Duration(23'000));
  EXPECT_EQ(times.leave, Duration(24'000));
}

TEST(P22ShutdownTimes, ShortGraceIsShared) {
  EXPECT_EQ(shutdown_times(Duration(1'000)).kill, Duration(500));
  EXPECT_EQ(shutdown_times(Duration(1'000)).leave, Duration(950));
  EXPECT_EQ(shutdown_times(Duration(0)).kill, Duration(0));
  EXPECT_EQ(shutdown_times(Duration(0)).leave, Duration(0));
}

TEST(P22ShutdownTimes, KillComesBeforeLeaveForEveryGrace) {
  for (Duration grace(2); grace < Duration(100'000'000); grace += grace / 2) {
    const ShutdownTimes times = shutdown_times(grace);
    EXPECT_LE(times.kill, times.leave) << grace.count();
    EXPECT_LE(times.leave, grace) << grace.count();
    EXPECT_TRUE(grace < Duration(100) || times.kill < times.leave) << grace.count();
  }
}

}  // namespace
}  // namespace baton

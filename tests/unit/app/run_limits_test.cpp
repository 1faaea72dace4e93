// What bounds a run, as the configuration says.
#include "app/run_replica.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

using namespace std::chrono_literals;

TEST(RunLimits, NeitherTimeoutNorStallThenAnHourWithoutProgressIsReported) {
  const RunLimits limits = limits_of({});
  EXPECT_EQ(limits.stall, Duration(1h));
  EXPECT_EQ(limits.on_stall, StallAction::report);
  EXPECT_FALSE(limits.timeout);
}

TEST(RunLimits, TimeoutThenItAloneBoundsTheRun) {
  WatchConfig watch;
  watch.timeout = 3h;
  EXPECT_EQ(limits_of(watch).timeout, Duration(3h));
  EXPECT_FALSE(limits_of(watch).stall);
}

TEST(RunLimits, StallThenAsItSays) {
  WatchConfig watch;
  watch.stall = 6h;
  watch.on_stall = OnStall::release;
  EXPECT_EQ(limits_of(watch).stall, Duration(6h));
  EXPECT_EQ(limits_of(watch).on_stall, StallAction::release);
}

}  // namespace
}  // namespace baton

// Who takes over when a holder dies, and when (P2, P6): Baton from AWS's lock client, and the other way round.
#include "tests/doubles/dynalite.h"
#include "tests/doubles/workspace.h"
#include "tests/interop/lock_peer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <chrono>

namespace baton {
namespace {

const LeaseTimings timings{Duration(2'500), Duration(500), Duration(200)};
// The store's latency, on a machine that has other things to do.
constexpr Duration slack(1'500);

class LockTakeOver : public testing::TestWithParam<LockSide> {
 protected:
  // Kills `holder` while `heir` waits: how long after that the heir has the lock.
  Duration take_over(LockPeer& holder, LockPeer& heir) {
    EXPECT_TRUE(holder.acquire("job"));
    heir.process().send({{"command", "acquire"}, {"key", "job"}, {"wait", 20'000}});
    // The heir looks once a refresh: it has seen the holder by then.
    LockPeer bystander(LockSide::baton, table_, timings);
    for (int renewal = 0; renewal < 3; ++renewal) {
      const auto version = bystander.locks()["job"]["version"];
      EXPECT_TRUE(await([&] { return bystander.locks()["job"]["version"] != version; }));
    }
    const auto died = std::chrono::steady_clock::now();
    holder.process().kill();
    EXPECT_EQ(heir.receive().value("held", false), true);
    const auto taken = std::chrono::steady_clock::now();
    EXPECT_EQ(bystander.locks()["job"]["owner"], heir.owner());
    return std::chrono::duration_cast<Duration>(taken - died);
  }

  const LockTable table_ = new_lock_table();
};

TEST_P(LockTakeOver, P6BatonTakesOverFromADeadJavaClientWithinLeaseAndRefresh) {
  LockPeer java(GetParam(), table_, timings);
  LockPeer heir(LockSide::baton, table_, timings);
  const Duration took = take_over(java, heir);
  EXPECT_LE(took, timings.lease + timings.refresh + slack);
  EXPECT_GE(took, timings.lease - timings.heartbeat - slack) << "P2: the lease was not waited out";
  RecordProperty("milliseconds", static_cast<int>(took.count()));
  fmt::print("Baton after Java: {} ms\n", took.count());
}

TEST_P(LockTakeOver, JavaTakesOverFromADeadBatonWithinLeaseAndTwoRefreshes) {
  LockPeer baton(LockSide::baton, table_, timings);
  LockPeer heir(GetParam(), table_, timings);
  const Duration took = take_over(baton, heir);
  EXPECT_LE(took, timings.lease + 2 * timings.refresh + slack);
  fmt::print("Java after Baton: {} ms\n", took.count());
}

INSTANTIATE_TEST_SUITE_P(LockClients, LockTakeOver, testing::Values(LockSide::java1, LockSide::java2),
                         [](const auto& one) { return lock_side_name(one.param); });

}  // namespace
}  // namespace baton

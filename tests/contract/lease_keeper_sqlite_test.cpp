// The keeper as it ships: real clock, real randomness, a SQLite file, two replicas.
#include "runtime/lease_keeper.h"
#include "runtime/system_clock.h"
#include "runtime/system_random.h"
#include "sqlite/lease_store.h"
#include "tests/doubles/processes.h"
#include "tests/doubles/temporary_folder.h"

#include <gtest/gtest.h>
#include <csignal>

namespace baton {
namespace {

const LeaseTimings lasting{Duration(60'000), Duration(15'000), Duration(20)};
const LeaseTimings brief{Duration(700), Duration(200), Duration(20)};

struct Replica {
  Replica(const std::string& path, const std::string& name, const LeaseTimings& timings)
      : store(SqliteLeaseStore::open(path, random).value()),
        keeper(*store, clock, random, timings, name, [](const std::string&) {}) {}

  SystemRandom random;
  SystemClock clock;
  std::unique_ptr<SqliteLeaseStore> store;
  LeaseKeeper keeper;
};

TEST(LeaseKeeperOnSqlite, AReleasedLeaseGoesToTheReplicaThatWaits) {
  const TemporaryFolder folder;
  Replica a(folder.file("locks.db"), "a", lasting);
  Replica b(folder.file("locks.db"), "b", lasting);
  const auto held = a.keeper.take("job", std::nullopt, {}).value();
  EXPECT_TRUE(held->renew_now());
  std::jthread waiting([&] {
    const auto taken = b.keeper.take("job", Duration(60'000), {});
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_TRUE((*taken)->renew_now());
  });
  EXPECT_TRUE(a.keeper.release("job"));
  waiting.join();
  EXPECT_EQ(a.store->read("job", Duration(1'000)).value()->owner_name, "b");
}

TEST(LeaseKeeperOnSqlite, P6AKilledReplicasLeaseIsTakenOnceItHasExpired) {
  const TemporaryFolder folder;
  const std::string path = folder.file("locks.db");
  EXPECT_FALSE(in_processes(1, [&](int) {
    Replica dying(path, "dying", brief);
    if (dying.keeper.take("job", std::nullopt, {})) std::raise(SIGKILL);
    return 0;
  }));
  Replica heir(path, "heir", brief);
  const Instant began = heir.clock.now();
  const auto taken = heir.keeper.take("job", std::nullopt, {});
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_GT(heir.clock.now() - began, brief.lease) << "it was waited out";
}

}  // namespace
}  // namespace baton

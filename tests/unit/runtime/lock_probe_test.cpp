// A probe takes what nobody holds, gives it back at once, and never touches what an owner renews.
#include "runtime/lock_probe.h"

#include "tests/doubles/breakable_lease_store.h"
#include "tests/doubles/manual_clock.h"
#include "tests/doubles/memory_lease_store.h"
#include "tests/doubles/seeded_random.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct LockProbeTest : testing::Test {
  std::set<std::string> look(const std::vector<std::string>& keys = {"a", "b"}) {
    const auto idle = probe.idle(keys, {});
    EXPECT_TRUE(idle) << idle.error().message;
    return idle.value_or(std::set<std::string>());
  }
  void hold(const std::string& key, const std::string& version, Duration lease = Duration(3'000)) {
    const auto before = record(key);
    ASSERT_TRUE(memory.take({key, "owner", lease, version, false, std::nullopt}, before, Duration(1)));
  }
  std::optional<LeaseRecord> record(const std::string& key) { return memory.read(key, Duration(1)).value(); }

  ManualClock clock;
  SeededRandom random{5};
  MemoryLeaseStore memory{random};
  BreakableLeaseStore store{memory};
  LockProbe probe{store, clock, random, Duration(1'000), "me/probe"};
};

TEST_F(LockProbeTest, AbsentAndReleasedThenIdleAndGivenBackAtOnce) {
  hold("b", "v1");
  ASSERT_TRUE(memory.release("b", "owner", "v1", Duration(1)));
  EXPECT_THAT(look(), ElementsAre("a", "b"));
  for (const std::string key : {"a", "b"}) {
    ASSERT_TRUE(record(key));
    EXPECT_TRUE(record(key)->released);
    EXPECT_EQ(record(key)->owner_name, "me/probe");
    EXPECT_EQ(record(key)->lease_duration, Duration(1'000));
  }
  EXPECT_THAT(look(), ElementsAre("a", "b"));
}

TEST_F(LockProbeTest, HeldAndRenewedThenNeverTouched) {
  hold("a", "v0");
  for (int round = 1; round < 20; ++round) {
    clock.advance(Duration(2'900));
    EXPECT_THAT(look({"a"}), IsEmpty());
    ASSERT_EQ(record("a")->owner_name, "owner");
    hold("a", "v" + std::to_string(round));
  }
}

// P2: longer than its lease, not as long.
TEST_F(LockProbeTest, HeldAndWatchedWithoutARenewalThenIdleOnceItsLeaseIsOver) {
  hold("a", "v1");
  EXPECT_THAT(look({"a"}), IsEmpty());
  clock.advance(Duration(3'000));
  EXPECT_THAT(look({"a"}), IsEmpty());
  clock.advance(Duration(1));
  EXPECT_THAT(look({"a"}), ElementsAre("a"));
  EXPECT_TRUE(record("a")->released);
}

TEST_F(LockProbeTest, TakenByAnOwnerMeanwhileThenThatOneKeepsIt) {
  store.before(LeaseCall::take, [this] { hold("a", "v1"); });
  EXPECT_THAT(look({"a"}), IsEmpty());
  EXPECT_EQ(record("a")->owner_name, "owner");
  EXPECT_FALSE(record("a")->released);
}

}  // namespace
}  // namespace baton

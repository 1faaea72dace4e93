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

// Three monitors that probe at once: each of them says the same.
TEST_F(LockProbeTest, HeldByAnotherProbeThenIdleAndNotTouched) {
  ASSERT_TRUE(memory.take({"a", "other/probe", Duration(1'000), "v1", false, std::nullopt}, {}, Duration(1)));
  EXPECT_THAT(look({"a"}), ElementsAre("a"));
  EXPECT_EQ(record("a")->owner_name, "other/probe");
  EXPECT_FALSE(record("a")->released);
}

TEST_F(LockProbeTest, AnotherProbeIsQuickerThenIdleToo) {
  const auto quicker = [this] {
    ASSERT_TRUE(memory.take({"a", "other/probe", Duration(1'000), "v1", false, std::nullopt}, {}, Duration(1)));
  };
  store.before(LeaseCall::take, quicker);
  EXPECT_THAT(look({"a"}), ElementsAre("a"));
  EXPECT_EQ(record("a")->owner_name, "other/probe");
}

TEST_F(LockProbeTest, TakenAndGivenBackByAnotherMeanwhileThenIdle) {
  store.before(LeaseCall::take, [this] {
    hold("a", "v1");
    ASSERT_TRUE(memory.release("a", "owner", "v1", Duration(1)));
  });
  EXPECT_THAT(look({"a"}), ElementsAre("a"));
  EXPECT_EQ(record("a")->owner_name, "owner");
}

TEST_F(LockProbeTest, ManyAreFreeThenABatchIsGivenBackBeforeTheNextIsTaken) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < 3 * LockProbe::batch + 1; ++i) keys.push_back("job-" + std::to_string(i));
  store.before(LeaseCall::take, [this] {
    const auto all = memory.list(Duration(1)).value();
    EXPECT_LT(std::count_if(all.begin(), all.end(), [](const LeaseRecord& one) { return !one.released; }),
              LockProbe::batch);
  });
  EXPECT_EQ(look(keys).size(), keys.size());
  EXPECT_EQ(store.most_takes(), LockProbe::batch);
  EXPECT_EQ(store.most_releases(), LockProbe::batch);
  EXPECT_EQ(store.count(LeaseCall::list), 1);
  EXPECT_EQ(store.count(LeaseCall::read), 0);
  const auto left = memory.list(Duration(1)).value();
  for (const LeaseRecord& one : left) EXPECT_TRUE(one.released) << one.key;
}

TEST_F(LockProbeTest, StoreFailsInBetweenThenAnErrorAndWhatItHadIsGivenBack) {
  store.next(LeaseCall::take, {Fault::none, Fault::refuse, Fault::lose_answer});
  const auto idle = probe.idle({"a", "b", "c"}, {});
  ASSERT_FALSE(idle);
  EXPECT_EQ(idle.error().kind, ErrorKind::unknown_outcome);
  EXPECT_TRUE(record("a")->released);
  EXPECT_FALSE(record("b"));
  EXPECT_TRUE(record("c")->released);
}

TEST_F(LockProbeTest, AnswerOfTheReleaseWasLostThenGivenBackByTheNextRound) {
  store.next(LeaseCall::release, {Fault::lose_request});
  EXPECT_THAT(look({"a"}), ElementsAre("a"));
  EXPECT_FALSE(record("a")->released);
  EXPECT_THAT(look({"a"}), ElementsAre("a"));
  EXPECT_TRUE(record("a")->released);
}

}  // namespace
}  // namespace baton

#include "app/late_lease_store.h"

#include "tests/doubles/breakable_lease_store.h"
#include "tests/doubles/memory_lease_store.h"
#include "tests/doubles/seeded_random.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

constexpr Duration some_time(1'000);

TEST(LateLeaseStore, WhatCannotBeOpenedIsTriedAgainAtEachCall) {
  SeededRandom random(1);
  int attempts = 0;
  LateLeaseStore store([&]() -> Result<std::unique_ptr<LeaseStore>> {
    if (++attempts < 3) return fail(ErrorKind::invalid, "the folder is missing");
    return std::make_unique<MemoryLeaseStore>(random);
  });
  const auto first = store.list(some_time);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().kind, ErrorKind::retry);
  EXPECT_EQ(first.error().message, "the folder is missing");
  EXPECT_FALSE(store.identity(some_time));
  EXPECT_TRUE(store.list(some_time));
  EXPECT_TRUE(store.identity(some_time));
  EXPECT_EQ(attempts, 3);
}

TEST(LateLeaseStore, RenewalsOfAStoreThatIsAwayAreAllAnswered) {
  LateLeaseStore store([]() -> Result<std::unique_ptr<LeaseStore>> { return fail(ErrorKind::retry, "away"); });
  const std::vector<LeaseRenewal> renewals(2);
  const auto answers = store.renew(renewals, some_time);
  ASSERT_EQ(answers.size(), 2U);
  for (const Status& answer : answers) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::retry);
  }
}

TEST(LateLeaseStore, TakesAndReleasesOfAStoreThatIsAwayAreAllAnswered) {
  LateLeaseStore store([]() -> Result<std::unique_ptr<LeaseStore>> { return fail(ErrorKind::retry, "away"); });
  std::vector<std::size_t> answered;
  const auto note = [&](std::size_t index, const Status& answer) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::retry);
    answered.push_back(index);
  };
  store.take_all(std::vector<LeaseTake>(2), some_time, note);
  store.release_all(std::vector<LeaseRelease>(2), some_time, note);
  EXPECT_EQ(answered, (std::vector<std::size_t>{0, 1, 0, 1}));
}

// What a store does at once must reach it at once, too.
TEST(LateLeaseStore, AnOpenedStoreGetsTakesAndReleasesTogether) {
  SeededRandom random(1);
  MemoryLeaseStore memory(random);
  BreakableLeaseStore* inner = nullptr;
  LateLeaseStore store([&]() -> Result<std::unique_ptr<LeaseStore>> {
    auto made = std::make_unique<BreakableLeaseStore>(memory);
    inner = made.get();
    return made;
  });
  std::vector<LeaseTake> takes;
  std::vector<LeaseRelease> releases;
  for (const char* job : {"a", "b"}) {
    takes.push_back({{job, "me", Duration(1'000), "v1", false, {}}, std::nullopt});
    releases.push_back({job, "me", "v1"});
  }
  const auto expect_done = [](std::size_t, const Status& answer) { EXPECT_TRUE(answer); };
  store.take_all(takes, some_time, expect_done);
  store.release_all(releases, some_time, expect_done);
  EXPECT_EQ(inner->most_takes(), 2U);
  EXPECT_EQ(inner->most_releases(), 2U);
}

TEST(LateLeaseStore, AnOpenedStoreGetsTheCalls) {
  SeededRandom random(1);
  LateLeaseStore store(
      [&]() -> Result<std::unique_ptr<LeaseStore>> { return std::make_unique<MemoryLeaseStore>(random); });
  ASSERT_TRUE(store.take({"job", "me", Duration(1'000), "v1", false, {}}, std::nullopt, some_time));
  EXPECT_EQ(store.read("job", some_time).value()->version, "v1");
  const std::vector<LeaseRenewal> renewals{{"job", "me", "v1", "v2", Duration(1'000)}};
  EXPECT_TRUE(store.renew(renewals, some_time).front());
  EXPECT_TRUE(store.release("job", "me", "v2", some_time));
  EXPECT_TRUE(store.read("job", some_time).value()->released);
}

}  // namespace
}  // namespace baton

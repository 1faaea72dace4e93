#include "app/late_lease_store.h"

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

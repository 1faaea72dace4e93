// A lease store that is away is told apart from a repository that is, and gives no lease before it was compared (P8).
#include "app/lease_store_proof.h"

#include "tests/doubles/breakable_lease_store.h"
#include "tests/doubles/memory_lease_store.h"
#include "tests/doubles/memory_repository.h"
#include "tests/doubles/seeded_random.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

constexpr Duration some_time(1'000);

class LeaseStoreProofTest : public testing::Test {
 protected:
  LeaseStoreProofTest() {
    auto breakable = std::make_unique<BreakableLeaseStore>(memory_);
    store_ = breakable.get();
    given_ = std::move(breakable);
  }
  void expect_no_lease_can_be_had() {
    EXPECT_FALSE(leases_.list(some_time));
    EXPECT_FALSE(leases_.read("a", some_time));
    EXPECT_FALSE(leases_.take(mine_, std::nullopt, some_time));
    leases_.take_all(std::vector<LeaseTake>{{mine_, std::nullopt}}, some_time,
                     [](std::size_t, const Status& answer) { EXPECT_FALSE(answer); });
    EXPECT_EQ(store_->count(LeaseCall::take), 0);
  }

  SeededRandom random_{1};
  MemoryLeaseStore memory_{random_};
  BreakableLeaseStore* store_ = nullptr;
  std::unique_ptr<LeaseStore> given_;
  LateLeaseStore leases_{[this]() -> Result<std::unique_ptr<LeaseStore>> { return std::move(given_); }};
  MemoryStore repository_{"r"};
  MemoryRepositoryRecord record_{repository_, "r"};
  LeaseStoreProof proof_{leases_, some_time};
  const LeaseRecord mine_{"a", "host-1", some_time, "v1", false, std::nullopt};
};

TEST_F(LeaseStoreProofTest, TheLeaseStoreIsAwayThenItIsNotTheRepositorysErrorAndNoLeaseCanBeHad) {
  store_->next(LeaseCall::identity, {Fault::refuse});
  const auto first = proof_.give(record_);
  ASSERT_TRUE(first) << "the repository answers";
  EXPECT_FALSE(*first);
  expect_no_lease_can_be_had();
  const auto second = proof_.give(record_);
  ASSERT_TRUE(second);
  EXPECT_TRUE(*second);
  EXPECT_TRUE(leases_.list(some_time));
  EXPECT_TRUE(leases_.take(mine_, std::nullopt, some_time));
}

TEST_F(LeaseStoreProofTest, ItComesBackAsAnotherStoreThenNoLeaseCanBeHad) {
  ASSERT_TRUE(record_.adopt_lease_store("another"));
  store_->next(LeaseCall::identity, {Fault::refuse});
  ASSERT_TRUE(proof_.give(record_));
  const auto second = proof_.give(record_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::invalid);
  expect_no_lease_can_be_had();
}

TEST_F(LeaseStoreProofTest, AwayAndTheRepositoryIsAnotherOneThenItIsRefused) {
  ASSERT_TRUE(proof_.give(record_));
  MemoryStore elsewhere("s");
  MemoryRepositoryRecord other(elsewhere, "s");
  ASSERT_TRUE(other.adopt_lease_store("another"));
  store_->next(LeaseCall::identity, {Fault::refuse});
  EXPECT_FALSE(proof_.give(other));
}

}  // namespace
}  // namespace baton

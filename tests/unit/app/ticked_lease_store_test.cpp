// A monitor that hangs loses its lease: its process renews it no longer.
#include "app/ticked_lease_store.h"

#include "tests/doubles/manual_clock.h"
#include "tests/doubles/memory_lease_store.h"
#include "tests/doubles/seeded_random.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

constexpr Duration some_time(1'000);

struct TickedLeases : testing::Test {
  LeaseRecord held(const std::string& key) {
    LeaseRecord record;
    record.key = key;
    record.owner_name = "host-1";
    record.version = "1";
    record.lease_duration = Duration(20'000);
    EXPECT_TRUE(store.take(record, std::nullopt, some_time));
    return record;
  }
  std::vector<Status> renew(const std::vector<std::string>& keys) {
    std::vector<LeaseRenewal> renewals;
    for (const std::string& key : keys) renewals.push_back({key, "host-1", "1", "2", Duration(20'000)});
    return store.renew(renewals, some_time);
  }

  SeededRandom random{1};
  ManualClock clock;
  MemoryLeaseStore memory{random};
  TickedLeaseStore store{memory, clock};
};

TEST_F(TickedLeases, OneHolderHangsThenOnlyTheOthersAreRenewed) {
  held("a");
  held("b");
  store.tick("a", clock.now() + Duration(10'000));
  store.tick("b", clock.now() + Duration(60'000));
  clock.advance(Duration(10'001));
  const std::vector<Status> answers = renew({"a", "b"});
  ASSERT_EQ(answers.size(), 2U);
  ASSERT_FALSE(answers[0]);
  EXPECT_EQ(answers[0].error().kind, ErrorKind::retry);
  EXPECT_TRUE(answers[1]);
  const auto record = memory.read("a", some_time);
  ASSERT_TRUE(record && *record);
  EXPECT_EQ((*record)->version, "1");
}

TEST_F(TickedLeases, HolderTicksAgainThenItsLeaseIsRenewed) {
  held("a");
  EXPECT_FALSE(renew({"a"})[0]);
  store.tick("a", clock.now());
  EXPECT_TRUE(renew({"a"})[0]);
}

}  // namespace
}  // namespace baton

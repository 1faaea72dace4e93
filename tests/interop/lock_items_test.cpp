// One table of locks, written and read by Baton and by AWS's lock client (P1).
#include "tests/doubles/dynalite.h"
#include "tests/doubles/workspace.h"
#include "tests/interop/lock_peer.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

const LeaseTimings timings{Duration(6'000), Duration(300), Duration(100)};

void expect_held(const nlohmann::json& lock, const std::string& owner) {
  EXPECT_EQ(lock.value("owner", ""), owner);
  EXPECT_EQ(lock.value("lease", 0), timings.lease.count());
  EXPECT_FALSE(lock.value("released", true));
  EXPECT_EQ(lock.value("version", "").size(), 36U);
}

// `writer` holds one lock and has let go of another; `reader` sees both, by its listing and by key, also after a
// renewal, and takes the one that is free at once.
void expect_read(LockPeer& writer, LockPeer& reader) {
  const std::string held = writer.owner() + "'s", free = "free, once " + held;
  ASSERT_TRUE(writer.acquire(held));
  ASSERT_TRUE(writer.acquire(free));
  writer.release(free);

  const nlohmann::json first = reader.locks();
  expect_held(first[held], writer.owner());
  EXPECT_EQ(first[free]["owner"], writer.owner());
  EXPECT_TRUE(first[free]["released"]);

  EXPECT_TRUE(await([&] { return reader.locks()[held]["version"] != first[held]["version"]; }));
  const nlohmann::json by_key = reader.ask({{"command", "get"}, {"key", held}});
  expect_held(by_key["lock"], writer.owner());
  EXPECT_EQ(by_key["holder"], writer.owner());
  const nlohmann::json free_by_key = reader.ask({{"command", "get"}, {"key", free}});
  EXPECT_TRUE(free_by_key["lock"]["released"]);
  EXPECT_FALSE(free_by_key.contains("holder"));

  ASSERT_TRUE(reader.acquire(free, -timings.lease));
  expect_held(writer.locks()[free], reader.owner());
}

class LockItems : public testing::TestWithParam<LockSide> {
 protected:
  explicit LockItems(const LockTable& like = {})
      : table_(new_lock_table(like)), java_(GetParam(), table_, timings), baton_(LockSide::baton, table_, timings) {}

  const LockTable table_;
  LockPeer java_;
  LockPeer baton_;
};

class LockItemsWithSortKey : public LockItems {
 protected:
  LockItemsWithSortKey() : LockItems({"", "Job name", std::pair("sort", "-")}) {}
};

TEST_P(LockItems, P1EachSideReadsWhatTheOtherHoldsRenewsAndReleases) {
  expect_read(baton_, java_);
  expect_read(java_, baton_);
  EXPECT_EQ(baton_.locks().size(), 4U);
  EXPECT_EQ(java_.locks().size(), 4U);
}

TEST_P(LockItemsWithSortKey, P1EachSideReadsWhatTheOtherHoldsRenewsAndReleases) {
  expect_read(baton_, java_);
  expect_read(java_, baton_);
}

TEST_P(LockItems, P5WhatJavaDeletesOnReleaseIsFreeForBaton) {
  ASSERT_TRUE(java_.acquire("job"));
  java_.ask({{"command", "release"}, {"key", "job"}, {"delete", true}});
  EXPECT_EQ(baton_.locks().size(), 0U);
  EXPECT_TRUE(baton_.acquire("job", -timings.lease));
}

TEST_P(LockItems, P5DataThatJavaWroteStaysWhenBatonTakesRenewsAndReleases) {
  java_.ask({{"command", "acquire"}, {"key", "job"}, {"wait", 0}, {"data", "of Java's"}});
  java_.release("job");
  ASSERT_TRUE(baton_.acquire("job", -timings.lease));
  const auto version = java_.locks()["job"]["version"];
  EXPECT_TRUE(await([&] { return java_.locks()["job"]["version"] != version; }));
  EXPECT_EQ(java_.locks()["job"]["data"], "of Java's");
  baton_.release("job");
  EXPECT_EQ(java_.locks()["job"]["data"], "of Java's");
}

TEST_P(LockItems, P4NeitherTakesWhatTheOtherHoldsAndRenews) {
  ASSERT_TRUE(java_.acquire("java's"));
  ASSERT_TRUE(baton_.acquire("baton's"));
  EXPECT_FALSE(baton_.acquire("java's", -timings.lease + Duration(500)));
  EXPECT_FALSE(java_.acquire("baton's", -timings.lease + Duration(500)));
  baton_.release("baton's");
  java_.release("java's");
  EXPECT_TRUE(baton_.acquire("java's", -timings.lease));
  EXPECT_TRUE(java_.acquire("baton's", -timings.lease));
}

const auto side_name = [](const auto& one) { return lock_side_name(one.param); };
INSTANTIATE_TEST_SUITE_P(LockClients, LockItems, testing::Values(LockSide::java1, LockSide::java2), side_name);
INSTANTIATE_TEST_SUITE_P(LockClients, LockItemsWithSortKey, testing::Values(LockSide::java1, LockSide::java2),
                         side_name);

}  // namespace
}  // namespace baton

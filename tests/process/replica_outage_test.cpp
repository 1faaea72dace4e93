// Stores that are away at start-up or later: the replica keeps trying, says so once and when they are back, takes no
// lease that it could not use, and leaves when it is told to.
#include "tests/process/replica_fixture.h"

#include <filesystem>

namespace baton {
namespace {

enum class Store { repository, leases };

class StoreAway : public ReplicaTest, public testing::WithParamInterface<Store> {
 protected:
  void SetUp() override {
    repository_file_ = "repository/baton.db";
    locks_file_ = "leases/leases.db";
    configure({.stores = "repository: { url: \"sqlite:repository/baton.db\" }\n",
               .locks = "store: sqlite, url: \"sqlite:leases/leases.db\", ",
               .jobs = sql_job("one", by_hand) + sql_job("two", by_hand)});
    make_folder("repository");
    make_folder("leases");
  }
  void make_folder(const std::string& name) const { std::filesystem::create_directory(workspace_.file(name)); }
  void move(const std::string& from, const std::string& to) const {
    std::filesystem::rename(workspace_.file(from), workspace_.file(to));
  }
  static bool is_repository() { return GetParam() == Store::repository; }
  static std::string folder() { return is_repository() ? "repository" : "leases"; }
  const std::string& database() const { return is_repository() ? repository_file_ : locks_file_; }
  static std::string away() { return is_repository() ? "warning job repository: " : "warning lease store: "; }
  static std::string back() {
    return is_repository() ? "the job repository answers again" : "the lease store answers again";
  }
  // That it has become the owner of both so many times. A lease that ran out unreleased still names it.
  static bool owns(const Replica& replica, int times) {
    return replica->await_error_text("one: owner", times) && replica->await_error_text("two: owner", times);
  }
  void expect_said_once(const Replica& replica) const {
    replica->signal(SIGTERM);
    const ProgramEnd end = replica->wait();
    EXPECT_EQ(end.exit_code, 0) << end.errors;
    EXPECT_EQ(times(end.errors, away()), 1U) << end.errors;
    EXPECT_EQ(times(end.errors, back()), 1U) << end.errors;
    if (!is_repository()) {
      EXPECT_EQ(times(end.errors, "warning job repository: "), 0U) << end.errors;
    }
    EXPECT_EQ(leases(), "");
  }
};

TEST_P(StoreAway, AtTheStartIsWaitedFor) {
  std::filesystem::remove(workspace_.file(folder()));
  const Replica replica = start();
  ASSERT_TRUE(replica->await_error_text(away()));
  EXPECT_EQ(leases(), "");
  make_folder(folder());
  ASSERT_TRUE(replica->await_error_text(back()));
  ASSERT_TRUE(await_held(replica, 2));
  expect_said_once(replica);
}

TEST_P(StoreAway, AtTheStartASignalEndsTheWait) {
  std::filesystem::remove(workspace_.file(folder()));
  const Replica replica = start();
  ASSERT_TRUE(replica->await_error_text(away()));
  replica->signal(SIGTERM);
  EXPECT_EQ(replica->wait().exit_code, 0);
  EXPECT_FALSE(workspace_.exists(folder()));
}

TEST_P(StoreAway, LaterIsWaitedForAndTheJobsAreOwnedAgain) {
  const Replica replica = start();
  ASSERT_TRUE(owns(replica, 1));
  move(folder(), "elsewhere");
  ASSERT_TRUE(replica->await_error_text(away()));
  // For longer than a lease: until both jobs are let go.
  ASSERT_TRUE(replica->await_error_text(is_repository() ? "one: released" : "one: lost its lease"));
  ASSERT_TRUE(replica->await_error_text(is_repository() ? "two: released" : "two: lost its lease"));
  move("elsewhere", folder());
  ASSERT_TRUE(replica->await_error_text(back()));
  ASSERT_TRUE(owns(replica, 2));
  expect_said_once(replica);
}

TEST_P(StoreAway, LaterASignalEndsTheReplica) {
  const Replica replica = start();
  ASSERT_TRUE(owns(replica, 1));
  move(folder(), "elsewhere");
  ASSERT_TRUE(replica->await_error_text(away()));
  replica->signal(SIGTERM);
  EXPECT_EQ(replica->wait().exit_code, 0);
}

TEST_P(StoreAway, ALockHeldForLongerThanALeaseIsWaitedFor) {
  const Replica replica = start();
  ASSERT_TRUE(owns(replica, 1));
  {
    const HeldLock lock(workspace_.file(database()));
    ASSERT_TRUE(replica->await_error_text(away()));
    ASSERT_TRUE(replica->await_error_text(is_repository() ? "one: released" : "one: lost its lease"));
    ASSERT_TRUE(replica->await_error_text(is_repository() ? "two: released" : "two: lost its lease"));
  }
  ASSERT_TRUE(replica->await_error_text(back()));
  ASSERT_TRUE(owns(replica, 2));
  expect_said_once(replica);
}

INSTANTIATE_TEST_SUITE_P(Of, StoreAway, testing::Values(Store::repository, Store::leases),
                         [](const auto& one) { return one.param == Store::repository ? "Repository" : "Leases"; });

}  // namespace
}  // namespace baton

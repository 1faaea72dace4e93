// Several replicas together, in virtual time: exclusion, tokens, capacity, fair shares (P2–P6, P20, P22).
#include "tests/unit/replica/virtual_deployment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

namespace baton {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::Each;
using testing::Pair;

constexpr LeaseTimings fast{Duration(3'000), Duration(1'000), Duration(250)};

std::vector<ReplicaJob> jobs(int count) {
  std::vector<ReplicaJob> jobs;
  for (int i = 0; i < count; ++i) {
    jobs.push_back(
        {fmt::format("job{}", i), Schedule{FixedDelaySchedule{Duration(4'000)}, {}, {}}, 0, Duration(1'000)});
  }
  return jobs;
}

std::string text_of(const std::vector<std::string>& log) { return fmt::format("{}", fmt::join(log, "\n")); }

TEST(Deployment, JobsOfADeadReplicaAreTakenWithinLeaseAndRefreshAndLatency) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    VirtualDeployment all(seed, fast, jobs(6));
    const std::string first = all.start(6);
    all.start(6);
    all.pass(seconds(20));
    ASSERT_EQ(all.all_owned(), 6);
    all.kill(first);
    // Two latencies each for listing, read, take, and becoming the owner.
    all.pass(fast.lease + fast.refresh + Duration(150));
    EXPECT_EQ(all.all_owned(), 6) << "seed " << seed << "\n" << text_of(all.log);
  }
}

TEST(Deployment, JobsOfAReplicaThatShutsDownGoOnAtOnce) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    VirtualDeployment all(seed, fast, jobs(6));
    const std::string first = all.start(6);
    all.start(6);
    all.pass(seconds(20));
    all.shut_down(first);
    all.pass(Duration(30) + 3 * fast.refresh + Duration(200));
    EXPECT_FALSE(all.alive(first));
    EXPECT_EQ(all.all_owned(), 6) << "seed " << seed << "\n" << text_of(all.log);
  }
}

TEST(Deployment, FairSharesAreReachedAndThenNothingIsOffered) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    VirtualDeployment all(seed, fast, jobs(9));
    all.start(9);
    all.pass(seconds(5));
    ASSERT_EQ(all.all_owned(), 9);
    all.start(9);
    all.start(9);
    all.pass(seconds(60));
    EXPECT_THAT(all.owned(), Each(Pair(testing::_, 3))) << "seed " << seed << "\n" << text_of(all.log);
    const std::int64_t offers = all.offers;
    EXPECT_LE(offers, 8);
    all.pass(minutes(1));
    EXPECT_EQ(all.offers, offers) << "seed " << seed;
    EXPECT_EQ(all.all_owned(), 9);
  }
}

TEST(Deployment, GreedyReplicasKeepWhatTheyHave) {
  VirtualDeployment all(1, fast, jobs(4));
  const std::string first = all.start(4, Balance::greedy);
  all.pass(seconds(5));
  all.start(4, Balance::greedy);
  all.pass(seconds(60));
  EXPECT_EQ(all.owned().at(first), 4);
  EXPECT_EQ(all.offers, 0);
}

// Replicas come and go, stores fail: at every moment one holder and no token too many (checked after every event), and
// afterwards every job is owned.
TEST(Deployment, WhateverHappensNoJobHasTwoHoldersAndAllAreOwnedInTheEnd) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    SeededRandom random(seed * 7'919);
    VirtualDeployment all(seed, fast, jobs(7));
    std::vector<std::string> ids{all.start(3), all.start(3), all.start(3)};
    for (int turn = 0; turn < 40; ++turn) {
      all.pass(Duration(static_cast<std::int64_t>(below(random, 3'000))));
      std::string& one = ids[below(random, ids.size())];
      const auto any = [&] { return static_cast<LeaseCall>(1 + below(random, 5)); };
      const auto fault = [&] {
        return std::vector{Fault::refuse, Fault::lose_request, Fault::lose_answer, Fault::forbid}[below(random, 4)];
      };
      switch (below(random, 9)) {
        case 0:
          all.kill(one);
          one = all.start(3);
          break;
        case 1:
          all.shut_down(one);
          one = all.start(3);
          break;
        case 2: all.repository_away = true; break;
        case 3: all.store.always(any(), fault()); break;
        case 4: all.store.next(any(), {fault(), fault()}); break;
        default:
          all.repository_away = false;
          for (int call = 1; call <= 5; ++call) all.store.always(static_cast<LeaseCall>(call), Fault::none);
      }
      if (testing::Test::HasFatalFailure()) return;
    }
    all.repository_away = false;
    for (int call = 1; call <= 5; ++call) all.store.always(static_cast<LeaseCall>(call), Fault::none);
    all.pass(minutes(6));  // the longest back-off, and then some
    EXPECT_EQ(all.all_owned(), 7) << text_of(all.log);
    const std::int64_t offers = all.offers;
    all.pass(minutes(1));
    EXPECT_EQ(all.offers, offers);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace baton

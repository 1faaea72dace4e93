// What every lease store promises (lease/lease_store.h), as tests. A store takes part by a factory.
#pragma once

#include "lease/lease_store.h"
#include "tests/doubles/seeded_random.h"

#include <gtest/gtest.h>
#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace baton {

// Opens the one store of a test again and again, as replicas do; the store lives as long as the backend.
class LeaseBackend {
 public:
  LeaseBackend() = default;
  LeaseBackend(const LeaseBackend&) = delete;
  LeaseBackend& operator=(const LeaseBackend&) = delete;
  virtual ~LeaseBackend() = default;
  virtual std::shared_ptr<LeaseStore> open() = 0;
};

struct LeaseBackendFactory {
  const char* name;
  std::function<std::unique_ptr<LeaseBackend>()> make;
};

class LeaseStoreContract : public testing::TestWithParam<LeaseBackendFactory> {
 protected:
  static constexpr Duration soon{10'000};

  LeaseStoreContract() : backend_(GetParam().make()), store_(backend_->open()) {}

  static LeaseRecord record(const std::string& key, const std::string& owner, const std::string& version) {
    return {key, owner, Duration(20'000), version, false, std::nullopt};
  }
  static LeaseRenewal renewal(const LeaseRecord& from, const std::string& new_version) {
    return {from.key, from.owner_name, from.version, new_version, from.lease_duration};
  }

  LeaseStore& store() { return *store_; }
  std::optional<LeaseRecord> stored(const std::string& key) {
    const auto answer = store_->read(key, soon);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer.value_or(std::nullopt);
  }
  Status renew_one(const LeaseRenewal& one) {
    const std::vector<Status> answers = store_->renew({&one, 1}, soon);
    EXPECT_EQ(answers.size(), 1U);
    return answers.at(0);
  }
  static void expect_conflict(const Status& answer) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::conflict) << answer.error().message;
  }

  std::unique_ptr<LeaseBackend> backend_;
  std::shared_ptr<LeaseStore> store_;
};

TEST_P(LeaseStoreContract, IdentityIsTheSameForAllWhoOpenTheStoreAndDiffersBetweenStores) {
  const std::string identity = store().identity(soon).value();
  EXPECT_EQ(identity.size(), 36U);
  EXPECT_EQ(backend_->open()->identity(soon).value(), identity);
  EXPECT_NE(GetParam().make()->open()->identity(soon).value(), identity);
}

TEST_P(LeaseStoreContract, ReadOfAMissingKeyIsEmptyAndNoError) {
  const auto answer = store().read("nobody", soon);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->has_value());
  EXPECT_TRUE(store().list(soon).value().empty());
}

TEST_P(LeaseStoreContract, TakeOfAnAbsentKeyWritesTheWholeRecord) {
  LeaseRecord mine = record("load 'Ünï', \"x\"\n", "host-1", "v1");
  mine.data = std::string("a\0b\xff", 4);
  mine.lease_duration = Duration(1'234'567);
  ASSERT_TRUE(store().take(mine, std::nullopt, soon));
  EXPECT_EQ(stored(mine.key), mine);
}

TEST_P(LeaseStoreContract, TakeAsAbsentOfAPresentKeyConflictsAndWritesNothing) {
  const LeaseRecord first = record("job", "a", "v1");
  ASSERT_TRUE(store().take(first, std::nullopt, soon));
  expect_conflict(store().take(record("job", "b", "v2"), std::nullopt, soon));
  EXPECT_EQ(stored("job"), first);
}

TEST_P(LeaseStoreContract, TakeOfASeenKeyThatIsAbsentConflictsAndWritesNothing) {
  expect_conflict(store().take(record("job", "b", "v2"), record("job", "a", "v1"), soon));
  EXPECT_FALSE(stored("job"));
}

TEST_P(LeaseStoreContract, TakeOfTheSeenVersionReplacesTheHolder) {
  LeaseRecord first = record("job", "a", "v1");
  first.data = "old";
  const LeaseRecord second = record("job", "b", "v2");
  ASSERT_TRUE(store().take(first, std::nullopt, soon));
  ASSERT_TRUE(store().take(second, first, soon));
  EXPECT_EQ(stored("job"), second) << "the record is written whole, so data that is not in it goes";
}

TEST_P(LeaseStoreContract, TakeOfAnotherVersionThanTheSeenOneConflicts) {
  const LeaseRecord first = record("job", "a", "v1");
  ASSERT_TRUE(store().take(first, std::nullopt, soon));
  ASSERT_TRUE(renew_one(renewal(first, "v2")));
  expect_conflict(store().take(record("job", "b", "v3"), first, soon));
  EXPECT_EQ(stored("job")->version, "v2");
}

TEST_P(LeaseStoreContract, TakeOfAReleasedRecordClearsTheMark) {
  const LeaseRecord first = record("job", "a", "v1");
  ASSERT_TRUE(store().take(first, std::nullopt, soon));
  ASSERT_TRUE(store().release("job", "a", "v1", soon));
  const LeaseRecord second = record("job", "b", "v2");
  ASSERT_TRUE(store().take(second, stored("job"), soon));
  EXPECT_EQ(stored("job"), second);
}

TEST_P(LeaseStoreContract, TakeOfASeenStateThatChangedAtTheSameVersionConflicts) {
  const LeaseRecord held = record("job", "a", "v1");
  LeaseRecord released = held;
  released.released = true;
  ASSERT_TRUE(store().take(held, std::nullopt, soon));
  expect_conflict(store().take(record("job", "b", "v2"), released, soon));
  ASSERT_TRUE(store().release("job", "a", "v1", soon));
  expect_conflict(store().take(record("job", "b", "v2"), held, soon));
  EXPECT_EQ(stored("job"), released);
}

TEST_P(LeaseStoreContract, P5TakesTogetherThenEachIsAnsweredOnceAsIfAlone) {
  ASSERT_TRUE(store().take(record("held", "other", "v1"), std::nullopt, soon));
  ASSERT_TRUE(store().take(record("released", "other", "v1"), std::nullopt, soon));
  ASSERT_TRUE(store().release("released", "other", "v1", soon));
  std::vector<LeaseTake> takes;
  for (int i = 0; i < 300; ++i) takes.push_back({record("job-" + std::to_string(i), "me", "v1"), std::nullopt});
  takes.push_back({record("held", "me", "v2"), std::nullopt});
  takes.push_back({record("released", "me", "v2"), stored("released")});
  takes.back().mine.data = std::string("a\0b", 3);
  std::vector<int> answers(takes.size(), 0);
  store().take_all(takes, soon, [&](std::size_t index, const Status& answer) {
    ++answers.at(index);
    if (takes[index].mine.key == "held") return expect_conflict(answer);
    EXPECT_TRUE(answer) << answer.error().message;
  });
  EXPECT_EQ(answers, std::vector<int>(takes.size(), 1));
  EXPECT_EQ(stored("held")->owner_name, "other");
  EXPECT_EQ(stored("released"), takes.back().mine);
  EXPECT_EQ(stored("job-299"), takes[299].mine);
  store().take_all({}, soon, [](std::size_t, const Status&) { FAIL(); });
}

TEST_P(LeaseStoreContract, RenewGivesNewVersionAndDurationAndKeepsTheRest) {
  LeaseRecord mine = record("job", "a", "v1");
  mine.data = "kept";
  ASSERT_TRUE(store().take(mine, std::nullopt, soon));
  LeaseRenewal to_v2 = renewal(mine, "v2");
  to_v2.lease_duration = Duration(7'000);
  ASSERT_TRUE(renew_one(to_v2));
  mine.version = "v2";
  mine.lease_duration = Duration(7'000);
  EXPECT_EQ(stored("job"), mine);
}

TEST_P(LeaseStoreContract, RenewOfNoneAnswersNothing) { EXPECT_TRUE(store().renew({}, soon).empty()); }

TEST_P(LeaseStoreContract, RenewAnswersEachInOrderAndLeavesTheConflictingUnchanged) {
  const LeaseRecord held = record("held", "a", "v1");
  const LeaseRecord others = record("others", "b", "v1");
  const LeaseRecord newer = record("newer", "a", "v7");
  const LeaseRecord released = record("released", "a", "v1");
  const LeaseRecord last = record("last", "a", "v1");
  const std::vector<LeaseRecord> before{held, others, newer, released, last};
  for (const LeaseRecord& one : before) {
    ASSERT_TRUE(store().take(one, std::nullopt, soon));
  }
  ASSERT_TRUE(store().release("released", "a", "v1", soon));
  const std::vector<LeaseRenewal> renewals{
      renewal(held, "n1"),     renewal(record("others", "a", "v1"), "n2"), renewal(record("newer", "a", "v6"), "n3"),
      renewal(released, "n4"), renewal(record("absent", "a", "v1"), "n5"), renewal(last, "n6")};
  const std::vector<Status> answers = store().renew(renewals, soon);
  ASSERT_EQ(answers.size(), 6U);
  EXPECT_TRUE(answers[0]);
  for (std::size_t refused = 1; refused <= 4; ++refused) expect_conflict(answers[refused]);
  EXPECT_TRUE(answers[5]);
  EXPECT_EQ(stored("held")->version, "n1");
  EXPECT_EQ(stored("others"), others);
  EXPECT_EQ(stored("newer"), newer);
  EXPECT_EQ(stored("released")->version, "v1");
  EXPECT_FALSE(stored("absent"));
  EXPECT_EQ(stored("last")->version, "n6");
}

TEST_P(LeaseStoreContract, RenewOfAThousandIsOneCall) {
  std::vector<LeaseRenewal> renewals;
  for (int i = 0; i < 1'000; ++i) {
    const LeaseRecord one = record("job-" + std::to_string(i), "a", "v-" + std::to_string(i));
    ASSERT_TRUE(store().take(one, std::nullopt, soon));
    renewals.push_back(renewal(one, "n-" + std::to_string(i)));
  }
  for (const Status& answer : store().renew(renewals, soon)) ASSERT_TRUE(answer) << answer.error().message;
  const auto all = store().list(soon).value();
  EXPECT_EQ(all.size(), 1'000U);
  for (const LeaseRecord& one : all) EXPECT_EQ(one.version.substr(0, 2), "n-");
}

TEST_P(LeaseStoreContract, ReleaseMarksTheRecordAndKeepsTheRest) {
  LeaseRecord mine = record("job", "a", "v1");
  mine.data = "kept";
  ASSERT_TRUE(store().take(mine, std::nullopt, soon));
  ASSERT_TRUE(store().release("job", "a", "v1", soon));
  mine.released = true;
  EXPECT_EQ(stored("job"), mine);
  EXPECT_EQ(store().list(soon).value(), std::vector<LeaseRecord>{mine}) << "a release does not delete";
}

TEST_P(LeaseStoreContract, ReleaseOfAReleasedRecordSucceeds) {
  ASSERT_TRUE(store().take(record("job", "a", "v1"), std::nullopt, soon));
  ASSERT_TRUE(store().release("job", "a", "v1", soon));
  EXPECT_TRUE(store().release("job", "a", "v1", soon));
}

TEST_P(LeaseStoreContract, ReleaseOfWhatIsAbsentAnothersOrAnotherVersionConflicts) {
  const LeaseRecord held = record("job", "a", "v1");
  ASSERT_TRUE(store().take(held, std::nullopt, soon));
  expect_conflict(store().release("absent", "a", "v1", soon));
  expect_conflict(store().release("job", "b", "v1", soon));
  expect_conflict(store().release("job", "a", "v0", soon));
  EXPECT_EQ(stored("job"), held);
}

TEST_P(LeaseStoreContract, P7ReleasesTogetherThenEachIsAnsweredOnceAsIfAlone) {
  std::vector<LeaseRelease> releases;
  for (int i = 0; i < 60; ++i) {
    releases.push_back({"job-" + std::to_string(i), "me", "v1"});
    ASSERT_TRUE(store().take(record(releases.back().key, "me", "v1"), std::nullopt, soon));
  }
  ASSERT_TRUE(store().take(record("held", "other", "v1"), std::nullopt, soon));
  releases.push_back({"held", "me", "v1"});
  releases.push_back({"absent", "me", "v1"});
  std::vector<int> answers(releases.size(), 0);
  store().release_all(releases, soon, [&](std::size_t index, const Status& answer) {
    ++answers.at(index);
    if (index >= 60) return expect_conflict(answer);
    EXPECT_TRUE(answer) << answer.error().message;
  });
  EXPECT_EQ(answers, std::vector<int>(releases.size(), 1));
  EXPECT_FALSE(stored("held")->released);
  EXPECT_FALSE(stored("absent"));
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(stored("job-" + std::to_string(i))->released) << i;
  store().release_all({}, soon, [](std::size_t, const Status&) { FAIL(); });
}

TEST_P(LeaseStoreContract, ListShowsHeldAndReleasedRecords) {
  const LeaseRecord held = record("held", "a", "v1");
  ASSERT_TRUE(store().take(held, std::nullopt, soon));
  ASSERT_TRUE(store().take(record("gone", "a", "v2"), std::nullopt, soon));
  ASSERT_TRUE(store().release("gone", "a", "v2", soon));
  auto all = store().list(soon).value();
  ASSERT_EQ(all.size(), 2U);
  std::sort(all.begin(), all.end(), [](const auto& x, const auto& y) { return x.key < y.key; });
  EXPECT_TRUE(all[0].released);
  EXPECT_EQ(all[1], held);
}

// Several owners, each with a store of its own as processes have, go for one key: exactly one wins each round.
TEST_P(LeaseStoreContract, ManyTakeOneKeyAndExactlyOneWins) {
  constexpr int owners = 8;
  constexpr int rounds = 20;
  std::vector<std::shared_ptr<LeaseStore>> stores;
  for (int i = 0; i < owners; ++i) stores.push_back(i % 2 == 0 ? store_ : backend_->open());
  for (int round = 0; round < rounds; ++round) {
    const std::optional<LeaseRecord> seen = stored("job");
    std::atomic<int> winners = 0;
    std::atomic<int> losers = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < owners; ++i) {
      threads.emplace_back([&, i] {
        const std::string version = std::to_string(round) + "-" + std::to_string(i);
        const Status answer =
            stores[static_cast<std::size_t>(i)]->take(record("job", "owner-" + std::to_string(i), version), seen, soon);
        if (answer) ++winners;
        if (!answer && answer.error().kind == ErrorKind::conflict) ++losers;
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(winners, 1);
    ASSERT_EQ(losers, owners - 1);
  }
}

// Renewals, releases and takes of the same keys at once: every success is visible, and no version is written twice.
TEST_P(LeaseStoreContract, EachChangeIsOneCompareAndSet) {
  constexpr int owners = 4;
  constexpr int steps = 100;
  ASSERT_TRUE(store().take(record("job", "a", "start"), std::nullopt, soon));
  std::atomic<int> successes = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < owners; ++i) {
    threads.emplace_back([&, i, mine = i % 2 == 0 ? store_ : backend_->open()] {
      for (int step = 0; step < steps; ++step) {
        const auto seen = mine->read("job", soon);
        if (!seen || !*seen) continue;
        LeaseRecord next = **seen;
        next.version = std::to_string(i) + "-" + std::to_string(step);
        next.data = std::to_string(std::stoi((*seen)->data.value_or("0")) + 1);
        if (mine->take(next, *seen, soon)) ++successes;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(successes, 0);
  EXPECT_EQ(stored("job")->data, std::to_string(successes)) << "a lost update";
}

}  // namespace baton

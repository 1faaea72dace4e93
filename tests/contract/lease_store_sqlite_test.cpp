// What is particular to the SQLite lease store: processes, the file, its lock and its columns.
#include "sqlite/lease_store.h"

#include "tests/doubles/processes.h"
#include "tests/doubles/seeded_random.h"
#include "tests/doubles/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <thread>

namespace baton {
namespace {

using testing::HasSubstr;

constexpr Duration soon{20'000};

class SqliteLeaseStoreTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteLeaseStore> open() {
    auto store = SqliteLeaseStore::open(path_, random_);
    EXPECT_TRUE(store) << store.error().message;
    return store ? std::move(store).value() : nullptr;
  }
  std::unique_ptr<SqliteConnection> open_beside() {
    return SqliteConnection::open(path_, SqliteAccess::read_write).value();
  }
  static LeaseRecord record(const std::string& key, const std::string& version) {
    return {key, "me", Duration(20'000), version, false, std::nullopt};
  }

  TemporaryFolder folder_;
  SeededRandom random_{3};
  std::string path_ = folder_.file("locks.db");
};

TEST_F(SqliteLeaseStoreTest, TenProcessesMakeTheFileAtOnceAndShareItsIdentity) {
  for (int round = 0; round < 5; ++round) {
    const TemporaryFolder folder;
    const std::string path = folder.file("locks.db");
    const bool all_done = in_processes(10, [&](int i) {
      SeededRandom random(static_cast<std::uint64_t>(100 * round + i));
      const auto store = SqliteLeaseStore::open(path, random, soon);
      if (!store) std::fprintf(stderr, "open: %s\n", store.error().message.c_str());
      if (!store) return 1;
      const std::string identity = (*store)->identity(soon).value();
      // What each of them saw is kept as a lease of its own.
      return (*store)->take(record(std::to_string(i), identity), std::nullopt, soon) ? 0 : 1;
    });
    ASSERT_TRUE(all_done);
    const auto store = SqliteLeaseStore::open(path, random_).value();
    const auto seen = store->list(soon).value();
    EXPECT_EQ(seen.size(), 10U);
    for (const LeaseRecord& one : seen) EXPECT_EQ(one.version, store->identity(soon).value());
  }
}

TEST_F(SqliteLeaseStoreTest, ProcessesThatTakeOneKeyExcludeEachOther) {
  { open(); }
  constexpr int processes = 8;
  EXPECT_TRUE(in_processes(processes, [&](int i) {
    SeededRandom random(static_cast<std::uint64_t>(i));
    const auto store = SqliteLeaseStore::open(path_, random, soon).value();
    int wins = 0;
    for (int key = 0; key < 50; ++key) {
      const Status taken = store->take(record("job-" + std::to_string(key), uuid(random)), std::nullopt, soon);
      if (!taken && taken.error().kind != ErrorKind::conflict) return 1;
      if (taken) ++wins;
    }
    return store->take(record("wins-" + std::to_string(i), std::to_string(wins)), std::nullopt, soon) ? 0 : 1;
  }));
  int wins = 0;
  const std::vector<LeaseRecord> all = open()->list(soon).value();
  for (const LeaseRecord& one : all) {
    if (one.key.starts_with("wins-")) wins += std::stoi(one.version);
  }
  EXPECT_EQ(wins, 50);
}

TEST_F(SqliteLeaseStoreTest, WhatAKilledProcessWroteStays) {
  EXPECT_FALSE(in_processes(1, [&](int) {
    SeededRandom random(1);
    const auto store = SqliteLeaseStore::open(path_, random).value();
    if (!store->take(record("job", "v1"), std::nullopt, soon)) return 1;
    const LeaseRenewal renewal{"job", "me", "v1", "v2", Duration(20'000)};
    if (!store->renew({&renewal, 1}, soon).front()) return 1;
    std::raise(SIGKILL);
    return 1;
  }));
  EXPECT_EQ(open()->read("job", soon).value(), record("job", "v2"));
}

TEST_F(SqliteLeaseStoreTest, P1TheColumnsHoldWhatTheJavaClientsItemHolds) {
  const auto store = open();
  ASSERT_TRUE(store->take(record("job", "v1"), std::nullopt, soon));
  ASSERT_TRUE(store->take(record("gone", "v1"), std::nullopt, soon));
  ASSERT_TRUE(store->release("gone", "me", "v1", soon));
  const auto beside = open_beside();
  SqliteStatement* rows =
      beside
          ->prepare(
              "SELECT key, ownerName, leaseDuration, recordVersionNumber, isReleased, data, typeof(leaseDuration)"
              " FROM baton_lease ORDER BY key DESC")
          .value();
  ASSERT_TRUE(rows->step().value());
  EXPECT_EQ(rows->text(0), "job");
  EXPECT_EQ(rows->text(1), "me");
  EXPECT_EQ(rows->text(2), "20000");
  EXPECT_EQ(rows->text(3), "v1");
  EXPECT_TRUE(rows->is_null(4));
  EXPECT_TRUE(rows->is_null(5));
  EXPECT_EQ(rows->text(6), "text");
  ASSERT_TRUE(rows->step().value());
  EXPECT_EQ(rows->text(4), "1");
}

TEST_F(SqliteLeaseStoreTest, AWriterThatHoldsTheFileUpCostsEachCallItsTimeoutAndReadsNothing) {
  const auto store = open();
  ASSERT_TRUE(store->take(record("job", "v1"), std::nullopt, soon));
  const auto beside = open_beside();
  ASSERT_TRUE(beside->begin());
  const LeaseRenewal renewal{"job", "me", "v1", "v2", Duration(20'000)};
  EXPECT_EQ(store->renew({&renewal, 1}, Duration(20)).front().error().kind, ErrorKind::retry);
  EXPECT_EQ(store->release("job", "me", "v1", Duration(20)).error().kind, ErrorKind::retry);
  EXPECT_EQ(store->take(record("new", "v1"), std::nullopt, Duration(20)).error().kind, ErrorKind::retry);
  EXPECT_EQ(store->read("job", Duration(20)).value(), record("job", "v1")) << "readers do not wait for writers";
  beside->rollback();
  EXPECT_TRUE(store->renew({&renewal, 1}, soon).front());
}

TEST_F(SqliteLeaseStoreTest, AProcessThatHoldsTheFileUpIsNamed) {
  { open(); }
  int locked[2];
  int done[2];
  ASSERT_EQ(pipe(locked), 0);
  ASSERT_EQ(pipe(done), 0);
  const pid_t holder = fork();
  if (holder == 0) {
    close(done[1]);
    const auto connection = SqliteConnection::open(path_, SqliteAccess::read_write);
    char byte = 'x';
    if (!connection || !(*connection)->begin() || write(locked[1], &byte, 1) != 1) _exit(1);
    while (read(done[0], &byte, 1) > 0) {
    }
    _exit(0);
  }
  char byte = 0;
  ASSERT_EQ(read(locked[0], &byte, 1), 1);
  const auto store = open();
  const LeaseRenewal renewal{"job", "me", "v1", "v2", Duration(20'000)};
  const Status answer = store->renew({&renewal, 1}, Duration(20)).front();
  EXPECT_EQ(answer.error().kind, ErrorKind::retry);
  EXPECT_THAT(answer.error().message, HasSubstr("process " + std::to_string(holder)));
  EXPECT_THAT(store->take(record("job", "v1"), std::nullopt, Duration(20)).error().message,
              HasSubstr("process " + std::to_string(holder)));
  close(done[1]);
  waitpid(holder, nullptr, 0);
  for (const int end : {locked[0], locked[1], done[0]}) close(end);
}

TEST_F(SqliteLeaseStoreTest, ACallBehindASlowOneOfThisProcessReturnsAfterItsOwnTimeout) {
  const auto store = open();
  const auto beside = open_beside();
  ASSERT_TRUE(beside->begin());
  std::jthread slow([&] { EXPECT_TRUE(store->take(record("job", "v1"), std::nullopt, Duration(60'000))); });
  auto read = store->read("job", Duration(1));
  while (read) read = store->read("job", Duration(1));  // until the slow one has its turn
  EXPECT_EQ(read.error().kind, ErrorKind::retry);
  const LeaseRenewal renewal{"job", "me", "v1", "v2", Duration(20'000)};
  EXPECT_EQ(store->renew({&renewal, 1}, Duration(1)).front().error().kind, ErrorKind::retry);
  beside->rollback();
}

TEST_F(SqliteLeaseStoreTest, AFileThatWasDeletedIsNoticedSinceOthersWouldSeeAnotherOne) {
  const auto store = open();
  ASSERT_TRUE(store->take(record("job", "v1"), std::nullopt, soon));
  std::remove(path_.c_str());
  const LeaseRenewal renewal{"job", "me", "v1", "v2", Duration(20'000)};
  const Status answer = store->renew({&renewal, 1}, soon).front();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::invalid);
  EXPECT_THAT(answer.error().message, HasSubstr("deleted or moved"));
  EXPECT_FALSE(store->read("job", soon));
}

TEST_F(SqliteLeaseStoreTest, AMissingFolderAndAFileThatIsNoDatabaseAreInvalid) {
  const auto missing = SqliteLeaseStore::open(folder_.file("none/locks.db"), random_);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::invalid);
  EXPECT_THAT(missing.error().message, HasSubstr("folder exists"));
  std::ofstream(path_) << std::string(5'000, 'x');
  const auto no_database = SqliteLeaseStore::open(path_, random_);
  ASSERT_FALSE(no_database);
  EXPECT_EQ(no_database.error().kind, ErrorKind::invalid);
  EXPECT_THAT(no_database.error().message, HasSubstr("no SQLite database"));
}

TEST_F(SqliteLeaseStoreTest, ARowThatIsNoLeaseIsInvalidAndNamed) {
  const auto store = open();
  ASSERT_TRUE(store->take(record("job", "v1"), std::nullopt, soon));
  ASSERT_TRUE(
      open_beside()->execute("PRAGMA ignore_check_constraints = 1; UPDATE baton_lease SET leaseDuration = '20s'"));
  const std::vector<Error> errors{store->read("job", soon).error(), store->list(soon).error()};
  for (const Error& error : errors) {
    EXPECT_EQ(error.kind, ErrorKind::invalid);
    EXPECT_THAT(error.message, HasSubstr("key job: leaseDuration is '20s'"));
  }
}

}  // namespace
}  // namespace baton

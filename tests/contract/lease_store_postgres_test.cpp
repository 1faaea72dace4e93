// The PostgreSQL lease store: the contract, and what is particular to it: locks, lost connections, privileges.
#include "postgres/lease_store.h"
#include "tests/contract/lease_store_contract.h"
#include "tests/doubles/postgres_server.h"
#include "tests/doubles/private_postgres.h"
#include "tests/doubles/tcp_proxy.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <chrono>

namespace baton {
namespace {

using std::chrono::steady_clock;
using testing::AnyOf;
using testing::HasSubstr;

constexpr Duration soon{20'000};

std::unique_ptr<LeaseStore> opened(const PgSettings& settings, Random& random) {
  auto store = open_pg_lease_store(settings, true, random, soon);
  EXPECT_TRUE(store) << store.error().message;
  return store ? *std::move(store) : nullptr;
}

std::uint64_t next_seed() {
  static std::atomic<std::uint64_t> seed = 1;
  return seed++;
}

class PostgresBackend final : public LeaseBackend {
 public:
  std::shared_ptr<LeaseStore> open() override { return opened(database_.settings(), random_); }

 private:
  TemporaryDatabase database_;
  SeededRandom random_{next_seed()};
};

INSTANTIATE_TEST_SUITE_P(Stores, LeaseStoreContract,
                         testing::Values(LeaseBackendFactory{"postgres",
                                                             [] { return std::make_unique<PostgresBackend>(); }}),
                         [](const auto& one) { return std::string(one.param.name); });

class PostgresLeaseStore : public testing::Test {
 protected:
  static LeaseRecord record(const std::string& key, const std::string& version) {
    return {key, "me", Duration(20'000), version, false, std::nullopt};
  }
  static LeaseRenewal renewal(const std::string& key, const std::string& from, const std::string& to) {
    return {key, "me", from, to, Duration(20'000)};
  }
  static Status renew_one(LeaseStore& store, const LeaseRenewal& one, Duration timeout) {
    return store.renew({&one, 1}, timeout).at(0);
  }
  static void expect_kind(const Status& answer, ErrorKind kind) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, kind) << answer.error().message;
  }
  // A role without any privilege, and the database's settings with it.
  PgSettings as_stranger(const std::string& role) {
    database_.query(fmt::format("CREATE ROLE {} LOGIN PASSWORD 'x'", role));
    PgAddress address = database_.address();
    address.username = role;
    address.password = Redacted<std::string>("x");
    return pg_settings(address, "baton").value();
  }

  TemporaryDatabase database_;
  SeededRandom random_{next_seed()};
};

TEST_F(PostgresLeaseStore, P1TheColumnsHoldWhatTheJavaClientsItemHolds) {
  const auto store = opened(database_.settings(), random_);
  LeaseRecord mine = record("job", "v1");
  mine.data = std::string("a\0b", 3);
  ASSERT_TRUE(store->take(mine, std::nullopt, soon));
  ASSERT_TRUE(store->take(record("gone", "v1"), std::nullopt, soon));
  ASSERT_TRUE(store->release("gone", "me", "v1", soon));
  EXPECT_EQ(database_.query("SELECT key, ownerName, leaseDuration, recordVersionNumber, isReleased, data "
                            "FROM datasync.baton_lease ORDER BY key DESC"),
            "job|me|20000|v1||\\x610062\ngone|me|20000|v1|1|");
}

TEST_F(PostgresLeaseStore, TenReplicasMakeSchemaAndTablesAtOnceAndShareTheIdentity) {
  for (int round = 0; round < 5; ++round) {
    const std::string schema = fmt::format("Own schema {}", round);
    std::vector<std::string> identities(10);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < identities.size(); ++i) {
      threads.emplace_back([&, i] {
        SeededRandom random(next_seed());
        const auto store = open_pg_lease_store(database_.settings(schema), true, random, soon);
        EXPECT_TRUE(store) << store.error().message;
        if (store) identities[i] = (*store)->identity(soon).value();
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::string& one : identities) EXPECT_EQ(one, identities.front());
  }
}

TEST_F(PostgresLeaseStore, MissingTablesThatMayNotBeMadeAreInvalidWithTheirDdl) {
  const auto store = open_pg_lease_store(database_.settings(), false, random_, soon);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::invalid);
  EXPECT_THAT(store.error().message, HasSubstr("CREATE TABLE IF NOT EXISTS \"datasync\".baton_lease "));
  EXPECT_EQ(database_.query("SELECT count(*) FROM pg_tables WHERE schemaname = 'datasync'"), "0");
}

TEST_F(PostgresLeaseStore, WithoutASchemaTheFirstOfTheSearchPathIsUsed) {
  PgAddress address = database_.address();
  address.schema.reset();
  const auto store = opened(pg_settings(address, "baton").value(), random_);
  EXPECT_EQ(database_.query("SELECT schemaname FROM pg_tables WHERE tablename = 'baton_lease'"), "public");
}

TEST_F(PostgresLeaseStore, MissingPrivilegesAreInvalidAndNamed) {
  const std::string role = database_.name() + "_role";
  const PgSettings stranger = as_stranger(role);
  const auto none = open_pg_lease_store(stranger, true, random_, soon);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::invalid);
  EXPECT_THAT(none.error().message, HasSubstr("USAGE on schema"));
  database_.query(fmt::format("GRANT USAGE ON SCHEMA datasync TO {}", role));
  const auto no_create = open_pg_lease_store(stranger, true, random_, soon);
  ASSERT_FALSE(no_create);
  EXPECT_EQ(no_create.error().kind, ErrorKind::invalid);
  EXPECT_THAT(no_create.error().message, HasSubstr("CREATE on schema"));
  const auto owner = opened(database_.settings(), random_);
  database_.query(fmt::format("GRANT SELECT ON ALL TABLES IN SCHEMA datasync TO {}", role));
  const auto reader = opened(stranger, random_);
  EXPECT_TRUE(reader->list(soon));
  const Status take = reader->take(record("job", "v1"), std::nullopt, soon);
  expect_kind(take, ErrorKind::invalid);
  EXPECT_THAT(take.error().message, HasSubstr("SELECT, INSERT and UPDATE on \"datasync\".baton_lease"));
  database_.query(fmt::format("GRANT INSERT, UPDATE ON datasync.baton_lease TO {}", role));
  EXPECT_TRUE(reader->take(record("job", "v1"), std::nullopt, soon));
  EXPECT_TRUE(renew_one(*reader, renewal("job", "v1", "v2"), soon));
  EXPECT_TRUE(reader->release("job", "me", "v2", soon));
  database_.query(fmt::format("DROP OWNED BY {0}; DROP ROLE {0}", role));
}

TEST_F(PostgresLeaseStore, TheDefaultsOfRoleAndDatabaseChangeNothing) {
  for (const char* setting : {"default_transaction_isolation = 'serializable'", "default_transaction_read_only = on",
                              "synchronous_commit = off", "bytea_output = 'escape'", "lock_timeout = '1h'"}) {
    database_.connect("public")->query(fmt::format("ALTER DATABASE {} SET {}", database_.name(), setting)).value();
  }
  const auto store = opened(database_.settings(), random_);
  LeaseRecord mine = record("job", "v1");
  mine.data = "x";
  ASSERT_TRUE(store->take(mine, std::nullopt, soon));
  EXPECT_EQ(store->read("job", soon).value(), mine);
  // The one that updates while another is at it sees what that one did: a conflict, not a serialization failure.
  constexpr int owners = 6;
  std::atomic<int> winners = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < owners; ++i) {
    threads.emplace_back([&, i] {
      SeededRandom random(next_seed());
      const auto own = opened(database_.settings(), random);
      const Status answer = own->take(record("job", fmt::format("w{}", i)), mine, soon);
      if (answer) ++winners;
      EXPECT_TRUE(answer || answer.error().kind == ErrorKind::conflict) << answer.error().message;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(winners, 1);
}

TEST_F(PostgresLeaseStore, ARowThatAnotherSessionHasLockedCostsACallItsTimeAtMostAndHoldsUpNoOther) {
  const auto store = opened(database_.settings(), random_);
  for (const char* key : {"a", "locked", "z"}) ASSERT_TRUE(store->take(record(key, "v1"), std::nullopt, soon));
  const auto beside = database_.connect();
  ASSERT_TRUE(beside->script("BEGIN; SELECT 1 FROM baton_lease WHERE key = 'locked' FOR UPDATE"));
  const std::vector<LeaseRenewal> renewals{renewal("a", "v1", "a2"), renewal("locked", "v1", "l2"),
                                           renewal("z", "v1", "z2"), renewal("absent", "v1", "n2")};
  const std::vector<Status> answers = store->renew(renewals, soon);
  EXPECT_TRUE(answers.at(0));
  expect_kind(answers.at(1), ErrorKind::retry);
  EXPECT_THAT(answers.at(1).error().message, HasSubstr("key locked"));
  EXPECT_TRUE(answers.at(2));
  expect_kind(answers.at(3), ErrorKind::conflict);
  expect_kind(store->take(record("locked", "v3"), record("locked", "v1"), Duration(50)), ErrorKind::retry);
  expect_kind(store->release("locked", "me", "v1", Duration(50)), ErrorKind::retry);
  EXPECT_EQ(store->read("locked", soon).value(), record("locked", "v1")) << "who reads waits for no lock";
  ASSERT_TRUE(beside->script("ROLLBACK"));
  EXPECT_TRUE(renew_one(*store, renewals[1], soon));
}

TEST_F(PostgresLeaseStore, ALockedRowAmongManyCostsItsOwnAnswerOnly) {
  const auto store = opened(database_.settings(), random_);
  for (const char* key : {"a", "locked", "z"}) ASSERT_TRUE(store->take(record(key, "v1"), std::nullopt, soon));
  const auto beside = database_.connect();
  ASSERT_TRUE(beside->script("BEGIN; SELECT 1 FROM baton_lease WHERE key = 'locked' FOR UPDATE"));
  std::vector<LeaseTake> takes;
  std::vector<LeaseRelease> releases;
  for (const char* key : {"a", "locked", "z"}) {
    takes.push_back({record(key, "v2"), record(key, "v1")});
    releases.push_back({key, "me", "v2"});
  }
  std::vector<std::size_t> done;
  const auto note = [&](std::size_t index, const Status& answer) {
    done.push_back(index);
    if (index == 1) return expect_kind(answer, ErrorKind::retry);
    EXPECT_TRUE(answer) << answer.error().message;
  };
  store->take_all(takes, Duration(500), note);
  EXPECT_EQ(done, (std::vector<std::size_t>{0, 2, 1}));
  ASSERT_TRUE(beside->script("ROLLBACK"));
  ASSERT_TRUE(beside->script("UPDATE baton_lease SET recordVersionNumber = 'v2'"));
  ASSERT_TRUE(beside->script("BEGIN; SELECT 1 FROM baton_lease WHERE key = 'locked' FOR UPDATE"));
  done.clear();
  store->release_all(releases, Duration(500), note);
  EXPECT_EQ(done, (std::vector<std::size_t>{0, 2, 1}));
  ASSERT_TRUE(beside->script("ROLLBACK"));
}

TEST_F(PostgresLeaseStore, ATableThatAnotherSessionHasLockedCostsEachCallItsTimeAndIsSurelyNotWritten) {
  const auto store = opened(database_.settings(), random_);
  ASSERT_TRUE(store->take(record("job", "v1"), std::nullopt, soon));
  const auto beside = database_.connect();
  ASSERT_TRUE(beside->script("BEGIN; LOCK TABLE baton_lease IN ACCESS EXCLUSIVE MODE"));
  expect_kind(renew_one(*store, renewal("job", "v1", "v2"), Duration(100)), ErrorKind::retry);
  expect_kind(store->take(record("new", "v1"), std::nullopt, Duration(100)), ErrorKind::retry);
  EXPECT_EQ(store->list(Duration(100)).error().kind, ErrorKind::retry);
  ASSERT_TRUE(beside->script("ROLLBACK"));
  EXPECT_EQ(store->list(soon).value(), std::vector<LeaseRecord>{record("job", "v1")});
}

TEST_F(PostgresLeaseStore, ACallBehindASlowOneOfThisProcessReturnsAfterItsOwnTimeAndRenewalsWaitForNone) {
  const auto store = opened(database_.settings(), random_);
  ASSERT_TRUE(store->take(record("job", "v1"), std::nullopt, soon));
  ASSERT_TRUE(store->take(record("mine", "v1"), std::nullopt, soon));
  const auto beside = database_.connect();
  ASSERT_TRUE(beside->script("BEGIN; SELECT 1 FROM baton_lease WHERE key = 'job' FOR UPDATE"));
  std::jthread slow([&] { EXPECT_TRUE(store->take(record("job", "v3"), record("job", "v1"), Duration(60'000))); });
  auto read = store->read("mine", Duration(5));
  while (read) read = store->read("mine", Duration(5));  // until the slow one has its turn
  EXPECT_EQ(read.error().kind, ErrorKind::retry);
  EXPECT_TRUE(renew_one(*store, renewal("mine", "v1", "v2"), soon));
  ASSERT_TRUE(beside->script("ROLLBACK"));
}

TEST_F(PostgresLeaseStore, ASessionThatIsEndedBetweenCallsIsMadeAgain) {
  const auto store = opened(database_.settings(), random_);
  ASSERT_TRUE(store->take(record("job", "v1"), std::nullopt, soon));
  const std::string end = fmt::format(
      "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{}' AND pid <> pg_backend_pid()",
      database_.name());
  database_.query(end);
  EXPECT_EQ(store->read("job", soon).value(), record("job", "v1"));
  EXPECT_TRUE(renew_one(*store, renewal("job", "v1", "v2"), soon));
  database_.query(end);
  EXPECT_TRUE(renew_one(*store, renewal("job", "v2", "v3"), soon));
  EXPECT_TRUE(store->release("job", "me", "v3", soon));
}

TEST_F(PostgresLeaseStore, ASessionThatIsEndedDuringAWriteLeavesItsOutcomeUnknown) {
  const auto store = opened(database_.settings(), random_);
  ASSERT_TRUE(store->take(record("job", "v1"), std::nullopt, soon));
  const auto beside = database_.connect();
  ASSERT_TRUE(beside->script("BEGIN; SELECT 1 FROM baton_lease WHERE key = 'job' FOR UPDATE"));
  const std::string end =
      "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname "
      "= "
      "current_database()";
  std::jthread ender([&] {
    while (beside->query(end)->rows() == 0) std::this_thread::yield();
  });
  expect_kind(store->take(record("job", "v2"), record("job", "v1"), soon), ErrorKind::unknown_outcome);
  ender.join();
  ASSERT_TRUE(beside->script("ROLLBACK"));
  EXPECT_EQ(store->read("job", soon).value(), record("job", "v1"));
}

TEST_F(PostgresLeaseStore, P5FiveHundredLeasesAreRenewedByOneMessage) {
  TcpProxy proxy(database_.url());
  PgAddress address = database_.address();
  address.url = Redacted<std::string>(proxy.through(database_.url()));
  const auto store = opened(pg_settings(address, "baton").value(), random_);
  std::vector<LeaseRenewal> renewals;
  for (int i = 0; i < 500; ++i) {
    const std::string key = fmt::format("job-{}", i);
    ASSERT_TRUE(store->take(record(key, "v1"), std::nullopt, soon));
    renewals.push_back(renewal(key, "v1", fmt::format("n{}", i)));
  }
  ASSERT_TRUE(store->renew({renewals.data(), 1}, soon).at(0));  // connects
  const std::int64_t before = proxy.client_messages();
  const std::vector<Status> answers = store->renew({renewals.data() + 1, 499}, soon);
  EXPECT_EQ(proxy.client_messages(), before + 1);
  for (const Status& answer : answers) ASSERT_TRUE(answer) << answer.error().message;
}

TEST_F(PostgresLeaseStore, ManyTakesAndReleasesAreOneMessageEachAndTellTheOthersOnce) {
  TcpProxy proxy(database_.url());
  PgAddress address = database_.address();
  address.url = Redacted<std::string>(proxy.through(database_.url()));
  const auto store = opened(pg_settings(address, "baton").value(), random_);
  ASSERT_TRUE(store->take(record("connects", "v1"), std::nullopt, soon));
  std::vector<LeaseTake> takes;
  std::vector<LeaseRelease> releases;
  for (int i = 0; i < 500; ++i) {
    takes.push_back({record(fmt::format("job-{}", i), "v1"), std::nullopt});
    takes.back().mine.data = std::string("a\0b", 3);
    releases.push_back({takes.back().mine.key, "me", "v1"});
  }
  const auto listener = database_.connect();
  ASSERT_TRUE(listener->query("LISTEN baton_datasync"));
  const auto expect_done = [](std::size_t, const Status& answer) { EXPECT_TRUE(answer) << answer.error().message; };
  std::int64_t before = proxy.client_messages();
  store->take_all(takes, soon, expect_done);
  EXPECT_EQ(proxy.client_messages(), before + 1);
  EXPECT_EQ(store->read("job-7", soon).value(), takes[7].mine);
  before = proxy.client_messages();
  store->release_all(releases, soon, expect_done);
  EXPECT_EQ(proxy.client_messages(), before + 1);
  const auto notices = listener->notices(steady_clock::now() + soon, -1);
  ASSERT_TRUE(notices);
  EXPECT_EQ(notices->size(), 1U);
}

// Two that want the same keys in another order: neither waits for the other for ever.
TEST_F(PostgresLeaseStore, ManyTakenByTwoAtOnceThenEachIsHadByOne) {
  constexpr int keys = 200;
  std::atomic<int> had = 0;
  std::vector<std::thread> threads;
  for (int replica = 0; replica < 2; ++replica) {
    threads.emplace_back([&, replica] {
      SeededRandom random(next_seed());
      const auto store = opened(database_.settings(), random);
      std::vector<LeaseTake> takes;
      for (int i = 0; i < keys; ++i) {
        const int key = replica == 0 ? i : keys - 1 - i;
        takes.push_back({record(fmt::format("job-{}", key), fmt::format("v{}", replica)), std::nullopt});
      }
      store->take_all(takes, soon, [&](std::size_t, const Status& answer) {
        if (answer) ++had;
        EXPECT_TRUE(answer || answer.error().kind == ErrorKind::conflict) << answer.error().message;
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(had, keys);
}

TEST_F(PostgresLeaseStore, P6AReleaseNotifiesInItsOwnTransactionAndARefusedOneDoesNot) {
  const auto store = opened(database_.settings(), random_);
  ASSERT_TRUE(store->take(record("job", "v1"), std::nullopt, soon));
  const auto listener = database_.connect();
  ASSERT_TRUE(listener->query("LISTEN baton_datasync"));
  EXPECT_FALSE(store->release("job", "me", "v0", soon));
  ASSERT_TRUE(store->release("job", "me", "v1", soon));
  const auto notices = listener->notices(steady_clock::now() + soon, -1);
  ASSERT_TRUE(notices);
  ASSERT_EQ(notices->size(), 1U);
  EXPECT_EQ(notices->front().payload, "leases");
}

TEST_F(PostgresLeaseStore, ADroppedTableIsInvalidAndARowThatIsNoLeaseIsNamed) {
  const auto store = opened(database_.settings(), random_);
  ASSERT_TRUE(store->take(record("job", "v1"), std::nullopt, soon));
  database_.query("ALTER TABLE baton_lease DROP CONSTRAINT baton_lease_leaseduration_check");
  database_.query("UPDATE baton_lease SET leaseDuration = '20s'");
  const std::vector<Error> errors{store->read("job", soon).error(), store->list(soon).error()};
  for (const Error& error : errors) {
    EXPECT_EQ(error.kind, ErrorKind::invalid);
    EXPECT_THAT(error.message, HasSubstr("key job: leaseDuration is '20s'"));
  }
  database_.query("DROP TABLE baton_lease");
  expect_kind(renew_one(*store, renewal("job", "v1", "v2"), soon), ErrorKind::invalid);
  EXPECT_EQ(store->read("job", soon).error().kind, ErrorKind::invalid);
  database_.query("DELETE FROM baton_lease_store");
  const auto identity = store->identity(soon);
  ASSERT_FALSE(identity);
  EXPECT_THAT(identity.error().message, HasSubstr("is empty"));
}

TEST(PostgresLeaseStoreServer, ACrashBetweenCallsCostsNoAcknowledgedWrite) {
  PrivatePostgres server({"fsync=on"});
  SeededRandom random(next_seed());
  const auto store = opened(server.settings(), random);
  LeaseRecord mine{"job", "me", Duration(20'000), "v0", false, std::nullopt};
  ASSERT_TRUE(store->take(mine, std::nullopt, soon));
  const LeaseRenewal next{"job", "me", "v0", "v1", Duration(20'000)};
  ASSERT_TRUE(store->renew({&next, 1}, soon).at(0));
  mine.version = "v1";
  server.crash();
  EXPECT_EQ(store->read("job", soon).error().kind, ErrorKind::retry);
  EXPECT_EQ(store->renew({&next, 1}, soon).at(0).error().kind, ErrorKind::retry) << "surely not sent";
  server.start();
  EXPECT_EQ(store->read("job", soon).value(), mine);
}

}  // namespace
}  // namespace baton

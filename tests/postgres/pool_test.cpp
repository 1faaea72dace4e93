#include "postgres/pool.h"

#include "tests/doubles/postgres_server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <atomic>
#include <thread>

namespace baton {
namespace {

using testing::HasSubstr;

constexpr Duration patience(20'000);

class Pool : public testing::Test {
 protected:
  static int pid(const PgPooled& session) { return session->connection().value()->backend_pid(); }
  std::string sessions() {
    return database_.query(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
  }

  TemporaryDatabase database_;
};

TEST_F(Pool, ASessionThatIsGivenBackIsTakenAgain) {
  PgPool pool(database_.settings(), "datasync", 2);
  int first = 0;
  {
    const auto taken = pool.take(patience);
    first = pid(*taken);
    EXPECT_EQ(pool.out(), 1);
  }
  EXPECT_EQ(pool.idle(), 1);
  EXPECT_EQ(pid(*pool.take(patience)), first);
}

TEST_F(Pool, WhatWasDoneOnASessionIsGoneForTheNextOne) {
  PgPool pool(database_.settings(), "datasync", 1);
  int first = 0;
  {
    const auto taken = pool.take(patience);
    first = pid(*taken);
    PgConnection& connection = **(*taken)->connection();
    ASSERT_TRUE(connection.script(
        "SET search_path = pg_catalog; SET client_encoding = 'LATIN1'; SET default_transaction_isolation = "
        "serializable; "
        "CREATE TEMP TABLE mine (a int); SELECT pg_advisory_lock(4711); PREPARE p AS SELECT 1; LISTEN x"));
    ASSERT_TRUE(connection.script(fmt::format("CREATE ROLE {0}_role; SET ROLE {0}_role", database_.name())));
  }
  const auto next = pool.take(patience);
  EXPECT_EQ(pid(*next), first);
  PgConnection& connection = **(*next)->connection();
  const auto state = connection.query(
      "SELECT current_setting('search_path'), current_setting('client_encoding'), "
      "current_setting('default_transaction_isolation'), to_regclass('mine') IS NULL, "
      "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), "
      "(SELECT count(*) FROM pg_prepared_statements), current_user = session_user");
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->view(0, 0), "datasync");
  EXPECT_EQ(state->view(0, 1), "UTF8");
  EXPECT_EQ(state->view(0, 2), "read committed");
  EXPECT_TRUE(state->boolean(0, 3));
  EXPECT_EQ(state->integer(0, 4), 0);
  EXPECT_EQ(state->integer(0, 5), 0);
  EXPECT_TRUE(state->boolean(0, 6));
  ASSERT_TRUE(connection.script(fmt::format("DROP ROLE {}_role", database_.name())));
}

TEST_F(Pool, ASessionInATransactionOrLostIsDropped) {
  PgPool pool(database_.settings(), "datasync", 2);
  {
    const auto open = pool.take(patience);
    ASSERT_TRUE((*(*open)->connection())->script("BEGIN"));
  }
  EXPECT_EQ(pool.idle(), 0);
  {
    const auto lost = pool.take(patience);
    EXPECT_FALSE((*(*lost)->connection())->query("SELECT pg_terminate_backend(pg_backend_pid())"));
  }
  EXPECT_EQ(pool.idle(), 0);
  EXPECT_EQ(pool.out(), 0);
}

TEST_F(Pool, ASessionThatEndedWhileItWaitedIsNotHandedOut) {
  PgPool pool(database_.settings(), "datasync", 1);
  int first = 0;
  { first = pid(*pool.take(patience)); }
  database_.query(fmt::format("SELECT pg_terminate_backend({}, 10000)", first));
  const auto next = pool.take(patience);
  EXPECT_NE(pid(*next), first);
}

TEST_F(Pool, NoneFreeInTimeIsRetryAndNamesLimitAndKey) {
  PgPool pool(database_.settings(), "datasync", 1);
  const auto taken = pool.take(patience);
  const auto second = pool.take(Duration(20));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::retry);
  EXPECT_THAT(second.error().message, HasSubstr("all 1 sessions"));
  EXPECT_THAT(second.error().message, HasSubstr("raise `pool`"));
}

TEST_F(Pool, AWaitEndsWhenItIsStopped) {
  PgPool pool(database_.settings(), "datasync", 1);
  const auto taken = pool.take(patience);
  std::stop_source stop;
  std::jthread waiter([&] {
    const auto none = pool.take(Duration(3'600'000), stop.get_token());
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().message, HasSubstr("stopped"));
  });
  stop.request_stop();
}

TEST_F(Pool, IdleSessionsAreClosedAtTheNextCall) {
  PgPool pool(database_.settings(), "datasync", 3, Duration(0));
  {
    const auto a = pool.take(patience);
    const auto b = pool.take(patience);
    static_cast<void>(pid(*a));
    static_cast<void>(pid(*b));
  }
  const auto taken = pool.take(patience);
  EXPECT_EQ(pool.idle(), 0);
}

TEST_F(Pool, ManyThreadsShareFewSessionsAndNeverMoreThanTheLimit) {
  constexpr int limit = 3;
  PgPool pool(database_.settings(), "datasync", limit);
  database_.query("CREATE TABLE t (a int)");
  std::atomic<int> out = 0;
  std::atomic<int> most = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round) {
        const auto session = pool.take(patience);
        ASSERT_TRUE(session) << session.error().message;
        const int now = ++out;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        EXPECT_TRUE((*(*session)->connection())->query("INSERT INTO t VALUES (1)"));
        --out;
      }
    });
  }
  threads.clear();
  EXPECT_LE(most, limit);
  EXPECT_EQ(pool.out(), 0);
  EXPECT_EQ(sessions(), fmt::format("{}", pool.idle()));
  EXPECT_EQ(database_.query("SELECT count(*) FROM t"), "60");
}

// Who came first is served first, however many come later.
TEST_F(Pool, FirstComeFirstServed) {
  PgPool pool(database_.settings(), "datasync", 1);
  std::vector<int> order;
  std::vector<std::jthread> threads;
  {
    const auto taken = pool.take(patience);
    for (int i = 0; i < 5; ++i) {
      threads.emplace_back([&, i] {
        const auto session = pool.take(patience);
        order.push_back(i);  // one at a time, as the limit is one
      });
      while (pool.waiting() != i + 1) std::this_thread::yield();
    }
  }
  threads.clear();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

}  // namespace
}  // namespace baton

// A job in a PostgreSQL database, owned at fence 1, as tests of ownership need it.
#pragma once

#include "postgres/database.h"
#include "postgres/fenced_transaction.h"
#include "postgres/schema.h"
#include "tests/doubles/manual_clock.h"
#include "tests/doubles/postgres_server.h"
#include "tests/doubles/scripted_lease.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

namespace baton {

class PgOwnership : public testing::Test {
 protected:
  PgOwnership() {
    const auto migrated = migrate_pg_target(session_, PgMigrate::automatic);
    EXPECT_TRUE(migrated) << migrated.error().message;
    ok(database_.raise_fence("repository-1", "job", 0));
    database_server_.query("CREATE TABLE target (a int PRIMARY KEY)");
  }

  static void ok(const Status& status) { ASSERT_TRUE(status) << status.error().message; }
  template <class T>
  static void expect_kind(const Result<T>& result, ErrorKind kind) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, kind) << result.error().message;
  }

  static Fence fence(std::int64_t value = 1) { return {"repository-1", "job", value}; }
  Authority authority(std::int64_t value = 1) { return {fence(value), {&lease_, &clock_}}; }

  std::unique_ptr<PgSession> new_session() {
    return std::make_unique<PgSession>(database_server_.settings(), "datasync");
  }
  PgFencedTransaction begin(PgSession& session, std::int64_t value = 1, Durability durability = Durability::relaxed) {
    auto begun = PgFencedTransaction::begin(session, authority(value), durability);
    EXPECT_TRUE(begun) << begun.error().message;
    return std::move(*begun);
  }
  static void write(PgFencedTransaction& transaction, int key) {
    const auto done = transaction.connection().query("INSERT INTO target VALUES ($1)", PgParameters::of(key));
    EXPECT_TRUE(done) << done.error().message;
  }
  std::string rows() {
    return database_server_.query("SELECT coalesce(string_agg(a::text, ',' ORDER BY a), '') FROM target");
  }
  std::string fence_recorded() { return database_server_.query("SELECT fence FROM baton_fence WHERE job = 'job'"); }

  // Asks until the query says 't'; fails the test after a minute.
  void await(const std::string& condition) {
    const auto watcher = database_server_.connect();
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < until) {
      const auto answer = watcher->query(condition);
      ASSERT_TRUE(answer) << answer.error().message;
      if (answer->rows() > 0 && answer->boolean(0, 0)) return;
      std::this_thread::yield();
    }
    FAIL() << "never true: " << condition;
  }
  void await_gone(int pid) {
    await(fmt::format("SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = {})", pid));
  }
  void terminate(int pid) {
    database_server_.query(fmt::format("SELECT pg_terminate_backend({})", pid));
    await_gone(pid);
  }

  TemporaryDatabase database_server_;
  ManualClock clock_;
  ScriptedLease lease_{Instant::max()};
  PgSession session_{database_server_.settings(), "datasync"};
  PgDatabase database_{session_, "test"};
};

}  // namespace baton

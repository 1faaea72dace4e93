// Baton's tables in a database that jobs write to: made once, whoever starts at the same time.
#include "postgres/migration_lock.h"
#include "postgres/schema.h"
#include "tests/doubles/postgres_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace baton {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(PgTargetSchema, IsMadeWithItsSchemaAndThenFound) {
  const TemporaryDatabase database;
  PgSession session(database.settings("new one"), "new one");
  EXPECT_THAT(migrate_pg_target(session, PgMigrate::automatic).value(),
              ElementsAre("created schema new one", "created baton_fence", "created baton_progress",
                          "created baton_reject", "created baton_reject_step"));
  EXPECT_THAT(migrate_pg_target(session, PgMigrate::automatic).value(), IsEmpty());
  EXPECT_THAT(migrate_pg_target(session, PgMigrate::never).value(), IsEmpty());
  EXPECT_EQ(session.schema(), "new one");
}

TEST(PgTargetSchema, TablesOfJobsInAnotherSchemaThenItIsMadeToo) {
  const TemporaryDatabase database;
  PgSession session(database.settings("goods"), "datasync");
  EXPECT_EQ(migrate_pg_target(session, PgMigrate::automatic).value().front(), "created schema goods");
  EXPECT_THAT(migrate_pg_target(session, PgMigrate::never).value(), IsEmpty());
  EXPECT_EQ(database.query("SELECT to_regnamespace('goods') IS NOT NULL"), "t");
}

TEST(PgTargetSchema, NamedByNobodyIsTheFirstOfTheSearchPath) {
  const TemporaryDatabase database;
  PgSession session(database.settings("datasync"), "");
  ASSERT_TRUE(migrate_pg_target(session, PgMigrate::automatic));
  EXPECT_EQ(session.schema(), "datasync");
  PgSession missing(database.settings("missing"), "");
  ASSERT_TRUE(migrate_pg_target(missing, PgMigrate::automatic));
  EXPECT_EQ(missing.schema(), "missing");
  EXPECT_EQ(database.query("SELECT count(*) FROM missing.baton_fence"), "0");
}

TEST(PgTargetSchema, NeverMakesNothingAndSaysWhatIsMissing) {
  const TemporaryDatabase database;
  PgSession session(database.settings(), "datasync");
  const auto refused = migrate_pg_target(session, PgMigrate::never);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr("CREATE TABLE \"datasync\".baton_fence"), HasSubstr("baton migrate")));
  EXPECT_EQ(database.query("SELECT count(*) FROM pg_class WHERE relname LIKE 'baton%'"), "0");
}

TEST(PgTargetSchema, TablesOfALaterVersionAreRefused) {
  const TemporaryDatabase database;
  PgSession session(database.settings(), "datasync");
  ASSERT_TRUE(migrate_pg_target(session, PgMigrate::automatic));
  database.query("COMMENT ON TABLE baton_progress IS 'Baton''s tables of a target, version 2'");
  const auto refused = migrate_pg_target(session, PgMigrate::automatic);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_THAT(refused.error().message, HasSubstr("version 2"));
}

TEST(PgTargetSchema, TenThatStartAtOnceAllSucceed) {
  const TemporaryDatabase database;
  std::vector<std::jthread> threads;
  std::vector<Result<PgChanges>> answers(10);
  for (auto& answer : answers) {
    threads.emplace_back([&] {
      PgSession session(database.settings("shared"), "shared");
      answer = migrate_pg_target(session, PgMigrate::automatic);
    });
  }
  threads.clear();
  std::size_t made = 0;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer) << answer.error().message;
    made += answer->size();
  }
  EXPECT_EQ(made, 5U) << "each thing is made by one";
}

TEST(PgMigrationLocks, WhoWaitsTooLongIsToldWhoHasTheLock) {
  const TemporaryDatabase database;
  const auto first = database.connect(), second = database.connect();
  {
    const auto held = PgMigrationLock::take(*first);
    ASSERT_TRUE(held) << held.error().message;
    const auto refused = PgMigrationLock::take(*second, Duration(20));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::retry);
    EXPECT_THAT(refused.error().message, HasSubstr(std::to_string(first->backend_pid())));
    EXPECT_EQ(second->query("SHOW lock_timeout")->view(0, 0), "0");
  }
  EXPECT_TRUE(PgMigrationLock::take(*second, Duration(20)));
}

TEST(PgTargetSchema, RoleThatMayNotMakeTablesIsToldWhatItNeeds) {
  const TemporaryDatabase database;
  const std::string role = "r_" + database.name();
  database.query("CREATE ROLE " + role + " LOGIN PASSWORD 'p'");
  {
    PgAddress address = database.address("forbidden");
    address.username = role;
    address.password = Redacted<std::string>("p");
    PgSession session(pg_settings(address, "baton-test").value(), "forbidden");
    const auto refused = migrate_pg_target(session, PgMigrate::automatic);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
    EXPECT_THAT(refused.error().message, HasSubstr("permission denied"));
  }
  database.query("DROP ROLE " + role);
}

}  // namespace
}  // namespace baton

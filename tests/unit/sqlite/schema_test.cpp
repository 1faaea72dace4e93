// The tables of a repository and of a target (P8, P15), and the times in them.
#include "sqlite/schema.h"

#include "sqlite/reject_log.h"
#include "sqlite/time_text.h"
#include "tests/doubles/processes.h"
#include "tests/doubles/seeded_random.h"
#include "tests/doubles/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::HasSubstr;

class Schema : public testing::Test {
 protected:
  std::unique_ptr<SqliteConnection> open() const {
    auto connection = SqliteConnection::open(folder_.file("repository.db"), SqliteAccess::create);
    EXPECT_TRUE(connection) << connection.error().message;
    return std::move(*connection);
  }
  static std::string ask(SqliteConnection& connection, const std::string& sql) {
    auto query = connection.prepare(sql);
    if (!query) return query.error().message;
    const auto row = (*query)->step();
    std::string text = row && *row ? (*query)->text(0) : "nothing";
    (*query)->reset();
    return text;
  }

  TemporaryFolder folder_;
  SeededRandom random_{3};
};

TEST_F(Schema, RepositoryIsMadeWithSpringsTablesAndBatons) {
  const auto connection = open();
  EXPECT_FALSE(has_repository(*connection).value());
  ASSERT_TRUE(migrate_repository(*connection, true, random_, WallTime{}));
  EXPECT_TRUE(has_repository(*connection).value());
  EXPECT_EQ(ask(*connection,
                "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN "
                "('BATCH_JOB_INSTANCE', 'BATCH_JOB_EXECUTION', 'BATCH_JOB_EXECUTION_PARAMS', "
                "'BATCH_STEP_EXECUTION', 'BATCH_STEP_EXECUTION_CONTEXT', 'BATCH_JOB_EXECUTION_CONTEXT')"),
            "6");
  EXPECT_EQ(ask(*connection,
                "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN "
                "('baton_fence', 'baton_progress', 'baton_reject')"),
            "3");
  EXPECT_EQ(ask(*connection, "SELECT length(repository_id) FROM baton_repository"), "36");
}

TEST_F(Schema, SecondMigrationKeepsTheIdentity) {
  const auto connection = open();
  ASSERT_TRUE(migrate_repository(*connection, true, random_, WallTime{}));
  const std::string id = ask(*connection, "SELECT repository_id FROM baton_repository");
  ASSERT_TRUE(migrate_repository(*connection, true, random_, WallTime{}));
  ASSERT_TRUE(migrate_repository(*connection, false, random_, WallTime{}));
  EXPECT_EQ(ask(*connection, "SELECT repository_id FROM baton_repository"), id);
  EXPECT_EQ(ask(*connection, "SELECT group_concat(schema_version) FROM baton_repository"), "1,2,3");
}

TEST_F(Schema, ManyReplicasThatStartAtOnceMakeOneRepository) {
  ASSERT_TRUE(in_processes(4, [this](int process) {
    SeededRandom random(static_cast<std::uint64_t>(process) + 1);
    auto connection = SqliteConnection::open(folder_.file("repository.db"), SqliteAccess::create);
    return connection && migrate_repository(**connection, true, random, WallTime{}) ? 0 : 1;
  }));
  EXPECT_EQ(ask(*open(), "SELECT count(DISTINCT repository_id) FROM baton_repository"), "1");
}

TEST_F(Schema, WhereMigrationIsForbiddenTheMessageHoldsTheStatements) {
  const auto connection = open();
  const Status repository = migrate_repository(*connection, false, random_, WallTime{});
  ASSERT_FALSE(repository);
  EXPECT_EQ(repository.error().kind, ErrorKind::invalid);
  EXPECT_THAT(repository.error().message, HasSubstr("CREATE TABLE IF NOT EXISTS BATCH_JOB_INSTANCE"));
  const Status target = migrate_target(*connection, false);
  ASSERT_FALSE(target);
  EXPECT_THAT(target.error().message, HasSubstr("CREATE TABLE IF NOT EXISTS baton_fence"));
  EXPECT_EQ(ask(*connection, "SELECT count(*) FROM sqlite_schema"), "0");
  const std::string& message = repository.error().message;
  ASSERT_TRUE(connection->execute(message.substr(message.find("with:\n") + 6))) << "they can be run as they stand";
}

TEST_F(Schema, RepositoryOfALaterVersionIsRefused) {
  const auto connection = open();
  ASSERT_TRUE(migrate_repository(*connection, true, random_, WallTime{}));
  ASSERT_TRUE(connection->execute("UPDATE baton_repository SET schema_version = 99 WHERE schema_version = 3"));
  const Status later = migrate_repository(*connection, true, random_, WallTime{});
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().kind, ErrorKind::invalid);
  EXPECT_THAT(later.error().message, HasSubstr("99"));
  EXPECT_FALSE(migrate_repository(*connection, false, random_, WallTime{}));
  EXPECT_FALSE(check_repository_schema(*connection));
}

TEST_F(Schema, TargetThatIsHalfThereIsCompleted) {
  const auto connection = open();
  ASSERT_TRUE(migrate_target(*connection, true));
  ASSERT_TRUE(connection->execute("DROP TABLE baton_reject"));
  ASSERT_TRUE(migrate_target(*connection, true));
  EXPECT_EQ(ask(*connection, "SELECT count(*) FROM baton_reject"), "0");
}

TEST_F(Schema, RejectLogOfAFileWithoutTheTableIsEmpty) {
  const auto connection = open();
  EXPECT_TRUE(SqliteRejectLog(*connection).list({})->empty());
}

TEST_F(Schema, RejectLogShowsOneRepositoryOnly) {
  const auto connection = open();
  ASSERT_TRUE(migrate_target(*connection, true));
  ASSERT_TRUE(connection->execute(
      "INSERT INTO baton_reject (repository_id, job, instance_id, step, job_execution_id, phase, record, line, reason, "
      "raw) VALUES ('a', 'j', 1, 's', 1, 'read', 1, 1, 'r', 'x'), ('b', 'j', 1, 's', 1, 'read', 2, 2, 'r', 'x')"));
  RejectFilter filter;
  filter.repository_id = "b";
  const auto rejects = SqliteRejectLog(*connection).list(filter).value();
  ASSERT_EQ(rejects.size(), 1U);
  EXPECT_EQ(rejects[0].reject.record, 2U);
}

TEST(TimeText, TimesComeBackEqual) {
  for (const std::int64_t microseconds : {0LL, 1LL, 1'700'000'000'123'456LL, 951'782'400'000'000LL, -1LL}) {
    const WallTime time{std::chrono::microseconds(microseconds)};
    EXPECT_EQ(time_from(time_text(time)), time) << time_text(time);
  }
  EXPECT_EQ(time_text(WallTime{std::chrono::microseconds(1'700'000'000'123'456)}), "2023-11-14 22:13:20.123456");
}

TEST(TimeText, FractionsMayBeShorterOrMissing) {
  using namespace std::chrono;
  const WallTime base{seconds(1'700'000'000)};
  EXPECT_EQ(time_from("2023-11-14 22:13:20"), base);
  EXPECT_EQ(time_from("2023-11-14 22:13:20.5"), base + milliseconds(500));
  EXPECT_EQ(time_from("2023-11-14 22:13:20.123"), base + milliseconds(123));
  EXPECT_EQ(time_from("2023-11-14T22:13:20.123456789"), base + microseconds(123'456));
}

TEST(TimeText, OtherTextIsNoTime) {
  for (const char* text : {"", "yesterday", "2023-11-14", "2023-02-30 00:00:00", "2023-13-01 00:00:00"}) {
    EXPECT_FALSE(time_from(text)) << text;
  }
}

TEST_F(Schema, GenerationOfSpringBatchIsKeptAndAnotherOneIsRefused) {
  const auto six = JobKeyFormat::spring_batch_6;
  const auto connection = open();
  ASSERT_TRUE(migrate_repository(*connection, true, random_, WallTime{}, six));
  EXPECT_EQ(spring_batch_generation(*connection).value(), six);
  EXPECT_TRUE(migrate_repository(*connection, true, random_, WallTime{})) << "auto takes what is there";
  const Status other = migrate_repository(*connection, true, random_, WallTime{}, JobKeyFormat::spring_batch_5);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::invalid);
  EXPECT_THAT(other.error().message, HasSubstr("Spring Batch 6's"));
}

}  // namespace
}  // namespace baton

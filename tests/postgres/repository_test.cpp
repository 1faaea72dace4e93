// What only a PostgreSQL repository can get wrong: launches at once, zones, rows of Java's, a long history.
#include "postgres/repository.h"
#include "postgres/open_executions.h"
#include "postgres/repository_parts.h"
#include "postgres/schema.h"
#include "tests/doubles/manual_clock.h"
#include "tests/doubles/postgres_server.h"
#include "tests/doubles/scripted_lease.h"
#include "tests/doubles/seeded_random.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <atomic>
#include <thread>

namespace baton {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class PgRepositoryTest : public testing::Test {
 protected:
  PgRepositoryTest() {
    SeededRandom random(5);
    const auto own = session();
    EXPECT_TRUE(migrate_pg_repository(*own, PgMigrate::automatic, random, std::nullopt));
    repository_ = open();
    EXPECT_TRUE(repository_->record().raise_fence("job", 0, {}));
  }

  std::unique_ptr<PgSession> session() const {
    return std::make_unique<PgSession>(database_.settings("datasync"), "datasync");
  }
  std::unique_ptr<Repository> open(const std::string& zone = "UTC") const {
    auto opened = open_pg_repository(session(), {ContextFormat::base64_java, zone});
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }
  Authority authority() { return {{repository_->record().repository_id(), "job", 1}, {&lease_, &clock_}}; }
  static LaunchRequest request(std::optional<std::int64_t> instance = std::nullopt) {
    LaunchRequest made;
    made.instance = instance;
    made.replica = "host-1";
    return made;
  }
  JobExecution launch(std::optional<std::int64_t> instance = std::nullopt) {
    auto launched = repository_->executions().launch(authority(), request(instance));
    EXPECT_TRUE(launched) << launched.error().message;
    return std::get<JobExecution>(*launched);
  }
  void end(JobExecution& execution, BatchStatus status) {
    execution.status = status;
    execution.exit = exit_status(status);
    execution.ended = execution.created;
    const Status ended = repository_->executions().update_job(authority(), execution);
    EXPECT_TRUE(ended) << ended.error().message;
  }
  // Java launches `job`: an instance and an execution with the status.
  std::string java_execution(const std::string& job, const std::string& status, const std::string& end_time = "NULL") {
    return database_.query(fmt::format(
        "WITH i AS (INSERT INTO batch_job_instance (job_instance_id, version, job_name, job_key) SELECT n, 0, '{}', "
        "md5(n::text) FROM nextval('batch_job_seq') n RETURNING job_instance_id) INSERT INTO batch_job_execution "
        "(job_execution_id, version, job_instance_id, create_time, end_time, status, exit_code) SELECT "
        "nextval('batch_job_execution_seq'), 0, job_instance_id, now(), {}, '{}', '' FROM i RETURNING job_execution_id",
        job, end_time, status));
  }
  // So many finished executions of Java's, each with a step.
  void history(int executions) {
    database_.query(fmt::format(
        "INSERT INTO batch_job_instance SELECT n, 0, 'old', md5(n::text) FROM (SELECT nextval('batch_job_seq') n FROM "
        "generate_series(1, {0})) x; INSERT INTO batch_job_execution (job_execution_id, version, job_instance_id, "
        "create_time, status) SELECT nextval('batch_job_execution_seq'), 2, n, now(), 'COMPLETED' FROM "
        "(SELECT job_instance_id n FROM batch_job_instance WHERE job_name = 'old' ORDER BY 1 DESC LIMIT {0}) x; INSERT "
        "INTO batch_step_execution (step_execution_id, version, step_name, job_execution_id, create_time, status) "
        "SELECT nextval('batch_step_execution_seq'), 2, 'load', n, now(), 'COMPLETED' FROM (SELECT job_execution_id n "
        "FROM batch_job_execution ORDER BY 1 DESC LIMIT {0}) x",
        executions));
  }
  std::vector<std::int64_t> open_ids() {
    std::vector<std::int64_t> ids;
    const auto view = repository_->replicas().look();
    EXPECT_TRUE(view) << view.error().message;
    for (const OpenExecution& open : view->open) ids.push_back(open.execution);
    return ids;
  }

  TemporaryDatabase database_;
  ManualClock clock_;
  ScriptedLease lease_{Instant::max()};
  std::unique_ptr<Repository> repository_;
};

TEST_F(PgRepositoryTest, P10OfLaunchesAtOnceOneWinsAndTheOthersConflict) {
  JobExecution before = launch();
  end(before, BatchStatus::failed);
  for (const std::optional<std::int64_t> instance :
       {std::optional(before.instance_id), std::optional<std::int64_t>()}) {
    std::atomic<int> won = 0;
    {
      std::vector<std::jthread> threads;
      for (int thread = 0; thread < 6; ++thread) {
        threads.emplace_back([&] {
          const auto own = session();
          PgExecutions executions(*own, {}, ContextFormat::base64_java);
          const auto launched = executions.launch(authority(), request(instance));
          if (launched) {
            ++won;
          } else {
            EXPECT_EQ(launched.error().kind, ErrorKind::conflict) << launched.error().message;
          }
        });
      }
    }
    EXPECT_EQ(won, 1);
    JobExecution newest = repository_->executions().last_run("job").value()->executions.front();
    end(newest, BatchStatus::completed);
  }
}

TEST_F(PgRepositoryTest, P10RunIdThatJavaLeftTakenIsSkipped) {
  JobExecution first = launch();
  end(first, BatchStatus::completed);
  java_execution("job", "COMPLETED", "now()");
  const JobExecution second = launch();
  EXPECT_EQ(repository_->executions().last_run("job").value()->run_id, 2);
  EXPECT_NE(second.instance_id, first.instance_id);
}

TEST_F(PgRepositoryTest, LaunchOfAnInstanceThatJavaHasJustRestartedConflicts) {
  JobExecution failed = launch();
  end(failed, BatchStatus::failed);
  database_.query(fmt::format(
      "INSERT INTO batch_job_execution (job_execution_id, version, job_instance_id, create_time, status) VALUES "
      "(nextval('batch_job_execution_seq'), 0, {}, now(), 'STARTING')",
      failed.instance_id));
  const auto refused = repository_->executions().launch(authority(), request(failed.instance_id));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
}

TEST_F(PgRepositoryTest, P17RowsOfJavasAreReadInTheRepositorysZone) {
  java_execution("job", "COMPLETED", "'2024-07-01 12:00:00'");
  const auto berlin = open("Europe/Berlin");
  const JobExecution read = berlin->executions().history("job", 1).value().at(0);
  EXPECT_EQ(read.ended, WallTime(std::chrono::sys_days(std::chrono::July / 1 / 2024) + std::chrono::hours(10)));
  EXPECT_FALSE(read.fence);
}

TEST_F(PgRepositoryTest, P17OwnTimesAreExactWhenClocksAreSetBackAndLocalForJava) {
  repository_ = open("Europe/Berlin");
  const WallTime first_half_past_two =
      std::chrono::sys_days(std::chrono::October / 29 / 2023) + std::chrono::minutes(30);
  for (const auto later : {std::chrono::hours(0), std::chrono::hours(1)}) {
    JobExecution execution = launch();
    execution.created = first_half_past_two + later;
    execution.started = execution.created;
    end(execution, BatchStatus::completed);
    EXPECT_EQ(repository_->executions().history("job", 1).value().at(0).ended, first_half_past_two + later);
    EXPECT_EQ(database_.query("SELECT end_time FROM batch_job_execution ORDER BY job_execution_id DESC LIMIT 1"),
              "2023-10-29 02:30:00");
    EXPECT_EQ(open("UTC")->executions().history("job", 1).value().at(0).ended, first_half_past_two + later)
        << "whatever the zone is now";
  }
  database_.query("UPDATE batch_job_execution SET end_time = '2023-10-29 12:00:01', version = version + 1");
  EXPECT_EQ(repository_->executions().history("job", 1).value().at(0).ended,
            WallTime(std::chrono::sys_days(std::chrono::October / 29 / 2023) + std::chrono::hours(11) +
                     std::chrono::seconds(1)))
      << "Java changed it";
}

TEST_F(PgRepositoryTest, P15WhatJavaLeftOpenIsClosedThenItIsRememberedAsTheEndOfItsProcess) {
  java_execution("job", "STARTED");
  JobExecution left = repository_->executions().open_executions("job").value().at(0);
  left.status = BatchStatus::failed;
  left.exit = exit_status(BatchStatus::failed, "orphaned");
  left.ended_by = EndedBy::orphaned;
  ASSERT_TRUE(repository_->executions().close(authority(), left));
  EXPECT_THAT(repository_->executions().open_executions("job").value(), SizeIs(0));
  const JobExecution read = repository_->executions().last_run("job").value()->executions.at(0);
  EXPECT_EQ(read.status, BatchStatus::failed);
  EXPECT_EQ(read.ended_by, EndedBy::orphaned);
  EXPECT_FALSE(read.fence) << "it stays Java's";
}

TEST_F(PgRepositoryTest, UnknownZoneIsInvalidAndNamed) {
  const auto opened = open_pg_repository(session(), {ContextFormat::none, "Europe/Nowhere"});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::invalid);
  EXPECT_THAT(opened.error().message, HasSubstr("repository.zone"));
}

TEST_F(PgRepositoryTest, P16OpenExecutionsOfJavasAreFoundAboveAndBelowTheMarks) {
  const std::int64_t early = std::stoll(java_execution("java", "STARTED"));
  const std::int64_t half_closed = std::stoll(java_execution("java", "FAILED"));
  database_.query(fmt::format(
      "INSERT INTO batch_step_execution (step_execution_id, version, step_name, job_execution_id, create_time, status) "
      "VALUES (nextval('batch_step_execution_seq'), 0, 'load', {}, now(), 'STARTED')",
      half_closed));
  history(6'000);
  EXPECT_EQ(open_ids(), (std::vector<std::int64_t>{early, half_closed})) << "before the marks were ever moved";
  ASSERT_TRUE(repository_->replicas().beat({}, {}));
  EXPECT_GT(std::stoll(database_.query("SELECT executions_checked FROM baton_repository")), 4'000);
  EXPECT_GT(std::stoll(database_.query("SELECT steps_checked FROM baton_repository")), 3'000);
  const std::int64_t late = std::stoll(java_execution("java", "STARTING"));
  EXPECT_EQ(open_ids(), (std::vector<std::int64_t>{early, half_closed, late}));
  EXPECT_THAT(repository_->executions().open_executions("java").value(), SizeIs(3));
  EXPECT_FALSE(repository_->executions().open_executions("java").value().at(0).fence);
  database_.query(
      "UPDATE batch_job_execution SET status = 'COMPLETED'; UPDATE batch_step_execution SET status = "
      "'COMPLETED'");
  EXPECT_THAT(open_ids(), IsEmpty());
  history(2'500);
  ASSERT_TRUE(repository_->replicas().beat({}, {}));
  EXPECT_EQ(database_.query("SELECT count(*) FROM baton_execution WHERE open"), "0") << "forgotten in time";
}

TEST_F(PgRepositoryTest, ExitMessageIsCutToCharactersAndBytesThatAreNoneAreShown) {
  JobExecution execution = launch();
  std::string message = std::string("bad \xff byte, ") + std::string("\0", 1);
  for (int count = 0; count < 3'000; ++count) message += "ü";
  execution.exit = {"FAILED", message};
  execution.status = BatchStatus::failed;
  execution.ended = execution.created;
  ASSERT_TRUE(repository_->executions().update_job(authority(), execution));
  EXPECT_EQ(database_.query("SELECT length(exit_message), left(exit_message, 19) FROM batch_job_execution"),
            "2500|bad \\xff byte, \\x00");
}

TEST_F(PgRepositoryTest, SearchPathOfAUsersStatementChangesNothing) {
  const auto own = session();
  PgExecutions executions(*own, {}, ContextFormat::jackson2);
  ASSERT_TRUE((*own->connection())->query("SET search_path = pg_catalog"));
  ASSERT_TRUE(executions.launch(authority(), request()));
  EXPECT_EQ(database_.query("SELECT short_context FROM batch_job_execution_context"),
            R"({"@class":"java.util.HashMap"})");
}

}  // namespace
}  // namespace baton

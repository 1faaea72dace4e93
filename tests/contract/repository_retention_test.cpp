// What is forgotten of the past, and what never is: the same in every stored repository.
#include "tests/contract/repository_contract.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <thread>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Retained : public RepositoryContract {
 protected:
  Retention& retention() { return *connection_->retention; }

  std::vector<std::int64_t> prunable(std::int64_t after = 0, std::int64_t limit = 100) {
    const auto found = retention().prunable({{"job"}, clock_.wall_now(), after, limit});
    EXPECT_TRUE(found) << found.error().message;
    return found.value_or(std::vector<std::int64_t>());
  }
  std::int64_t prune(const std::vector<std::int64_t>& instances, std::int64_t most = 100) {
    const auto done = retention().prune_executions(instances, most);
    EXPECT_TRUE(done) << done.error().message;
    return done.value_or(-1);
  }
  // A whole run with a step, which ends now; an hour passes.
  JobExecution past(BatchStatus status, std::optional<std::int64_t> instance = std::nullopt) {
    JobExecution execution = started(instance);
    auto step = executions().start_step(authority(), execution.id, "s").value();
    step.status = status;
    step.ended = clock_.wall_now();
    EXPECT_TRUE(executions().update_step(authority(), step));
    end(execution, status);
    clock_.advance(Duration(3'600'000));
    return execution;
  }
  std::string count(const std::string& table) { return backend_->sql("SELECT count(*) FROM " + table); }
  // Rows whose execution, step or instance is not there.
  std::string orphans() {
    const auto missing = [](const std::string& table, const std::string& id, const std::string& parent) {
      return fmt::format("(SELECT count(*) FROM {0} c WHERE NOT EXISTS (SELECT 1 FROM {2} p WHERE p.{1} = c.{1}))",
                         table, id, parent);
    };
    return backend_->sql("SELECT " + missing("BATCH_JOB_EXECUTION", "JOB_INSTANCE_ID", "BATCH_JOB_INSTANCE") + " + " +
                         missing("BATCH_JOB_INSTANCE", "JOB_INSTANCE_ID", "BATCH_JOB_EXECUTION") + " + " +
                         missing("BATCH_JOB_EXECUTION_PARAMS", "JOB_EXECUTION_ID", "BATCH_JOB_EXECUTION") + " + " +
                         missing("BATCH_JOB_EXECUTION_CONTEXT", "JOB_EXECUTION_ID", "BATCH_JOB_EXECUTION") + " + " +
                         missing("BATCH_STEP_EXECUTION", "JOB_EXECUTION_ID", "BATCH_JOB_EXECUTION") + " + " +
                         missing("baton_execution", "JOB_EXECUTION_ID", "BATCH_JOB_EXECUTION") + " + " +
                         missing("BATCH_STEP_EXECUTION_CONTEXT", "STEP_EXECUTION_ID", "BATCH_STEP_EXECUTION"));
  }
  void reject(std::int64_t instance, int count, const std::string& repository) {
    for (int i = 0; i < count; ++i) {
      backend_->sql(
          fmt::format("INSERT INTO baton_reject (repository_id, job, instance_id, step, job_execution_id, phase, "
                      "record, line, reason, raw) VALUES ('{}', 'job', {}, 's', 1, 'read', 1, 1, 'r', 'x')",
                      repository, instance));
    }
  }
};

TEST_P(Retained, RunsOfThePastThenAllThatHangsOnThemGoesButTheLastRunStays) {
  for (int run = 0; run < 3; ++run) past(BatchStatus::completed);
  EXPECT_THAT(prunable(), ElementsAre(1, 2));
  EXPECT_EQ(prune({1, 2}), 2);
  EXPECT_EQ(count("BATCH_JOB_INSTANCE"), "1");
  EXPECT_EQ(count("BATCH_JOB_EXECUTION"), "1");
  EXPECT_EQ(count("BATCH_STEP_EXECUTION"), "1");
  EXPECT_EQ(count("baton_execution"), "1");
  EXPECT_EQ(orphans(), "0");
  EXPECT_THAT(prunable(), IsEmpty());
}

TEST_P(Retained, AfterwardsThenTheNextRunHasTheNextNumber) {
  past(BatchStatus::completed);
  past(BatchStatus::completed);
  prune(prunable());
  EXPECT_EQ(last().run_id, 2);
  past(BatchStatus::completed);
  EXPECT_EQ(last().run_id, 3);
  EXPECT_EQ(last().id, 3);
}

TEST_P(Retained, RunThatEndedLaterThenKept) {
  past(BatchStatus::completed);
  const WallTime between = clock_.wall_now();
  past(BatchStatus::completed);
  past(BatchStatus::completed);
  EXPECT_THAT(retention().prunable({{"job"}, between}).value(), ElementsAre(1));
}

TEST_P(Retained, NewestRunFailedThenTheLastSuccessIsKeptAsWell) {
  past(BatchStatus::completed);
  past(BatchStatus::completed);
  past(BatchStatus::failed);
  EXPECT_THAT(prunable(), ElementsAre(1));
}

// Java may have left it: it may still be restarted.
TEST_P(Retained, OlderRunThatIsNotDoneThenKept) {
  const JobExecution first = past(BatchStatus::completed);
  past(BatchStatus::completed);
  past(BatchStatus::completed);
  backend_->change_job(first.id, BatchStatus::failed, false);
  EXPECT_THAT(prunable(), ElementsAre(2));
  backend_->change_job(first.id, BatchStatus::abandoned, false);
  EXPECT_THAT(prunable(), ElementsAre(1, 2));
}

TEST_P(Retained, StepThatIsOpenThenTheRunIsKept) {
  past(BatchStatus::completed);
  past(BatchStatus::completed);
  past(BatchStatus::completed);
  backend_->sql("UPDATE BATCH_STEP_EXECUTION SET STATUS = 'STARTED' WHERE JOB_EXECUTION_ID = 1");
  EXPECT_THAT(prunable(), ElementsAre(2));
}

TEST_P(Retained, OtherJobsThenUntouched) {
  past(BatchStatus::completed);
  past(BatchStatus::completed);
  EXPECT_THAT(retention().prunable({{"other", "it's"}, clock_.wall_now()}).value(), IsEmpty());
  EXPECT_THAT(retention().prunable({{}, clock_.wall_now()}).value(), IsEmpty());
}

TEST_P(Retained, PagesThenEachOnce) {
  for (int run = 0; run < 5; ++run) past(BatchStatus::completed);
  EXPECT_THAT(prunable(0, 3), ElementsAre(1, 2, 3));
  EXPECT_THAT(prunable(3, 3), ElementsAre(4));
}

TEST_P(Retained, MoreExecutionsThanABatchThenTheInstanceGoesWithTheLastOfThem) {
  for (int run = 0; run < 4; ++run) past(BatchStatus::failed, run == 0 ? std::nullopt : std::optional(last().id));
  past(BatchStatus::completed, last().id);
  past(BatchStatus::completed);
  ASSERT_THAT(prunable(), ElementsAre(1));
  EXPECT_EQ(prune({1}, 3), 3);
  EXPECT_EQ(orphans(), "0");
  EXPECT_EQ(count("BATCH_JOB_INSTANCE"), "2");
  EXPECT_THAT(prunable(), ElementsAre(1));
  EXPECT_EQ(prune({1}, 3), 2);
  EXPECT_EQ(count("BATCH_JOB_INSTANCE"), "1");
  EXPECT_EQ(orphans(), "0");
}

TEST_P(Retained, InstanceWithoutAnyExecutionThenItGoes) {
  past(BatchStatus::completed);
  backend_->sql(
      "INSERT INTO BATCH_JOB_INSTANCE (JOB_INSTANCE_ID, VERSION, JOB_NAME, JOB_KEY) VALUES (0, 0, 'job', 'k')");
  EXPECT_THAT(prunable(-1), ElementsAre(0));
  EXPECT_EQ(prune({0}), 0);
  EXPECT_EQ(count("BATCH_JOB_INSTANCE"), "1");
}

TEST_P(Retained, TracesOfRunsThenThoseOfThisRepositoryOnlyAndAtMostSoMany) {
  const std::string mine = record().repository_id();
  reject(1, 3, mine);
  reject(2, 1, mine);
  reject(1, 1, "other");
  RunTraces& traces = retention().traces();
  EXPECT_EQ(traces.prune_rejects(mine, {1}, 2).value(), 2);
  EXPECT_EQ(traces.prune_rejects(mine, {1}, 2).value(), 1);
  EXPECT_EQ(traces.prune_rejects(mine, {1}, 2).value(), 0);
  EXPECT_EQ(count("baton_reject"), "2");
  for (int instance = 1; instance <= 2; ++instance) {
    backend_->sql(fmt::format(
        "INSERT INTO baton_progress SELECT '{}', {}, 's', 'job', 1, '', '', '', '', '', {false}, 0, {false}, 1, ''",
        mine, instance, fmt::arg("false", GetParam().name == std::string("Sqlite") ? "0" : "false")));
  }
  EXPECT_EQ(traces.prune_progress(mine, {1}).value(), 1);
  EXPECT_EQ(backend_->sql("SELECT instance_id FROM baton_progress"), "2");
}

TEST_P(Retained, AlertsThatWereOverThenGoneAndOpenOnesStay) {
  Alert alert;
  alert.kind = "late";
  alert.first_seen = alert.last_seen = clock_.wall_now();
  for (const std::string subject : {"a", "b", "c"}) {
    alert.subject = subject;
    ASSERT_TRUE(connection_->alerts->write({{AlertChange::Kind::begin, alert, {}}}));
  }
  const std::vector<Alert> all = connection_->alerts->open().value();
  for (Alert open : all) {
    open.resolved = clock_.wall_now();
    if (open.subject != "b") {
      ASSERT_TRUE(connection_->alerts->write({{AlertChange::Kind::end, open, {}}}));
    }
  }
  EXPECT_EQ(retention().prune_alerts(clock_.wall_now(), 10).value(), 0);
  clock_.advance(Duration(1'000));
  EXPECT_EQ(retention().prune_alerts(clock_.wall_now(), 1).value(), 1);
  EXPECT_EQ(retention().prune_alerts(clock_.wall_now(), 10).value(), 1);
  ASSERT_EQ(connection_->alerts->recent(10).value().size(), 1U);
  EXPECT_EQ(connection_->alerts->recent(10).value()[0].subject, "b");
}

// Two replicas, the same runs, at the same time: neither fails, and all of it is gone.
TEST_P(Retained, TwoAtOnceThenAllIsGone) {
  for (int run = 0; run < 40; ++run) past(BatchStatus::completed);
  const std::vector<std::int64_t> ids = prunable();
  std::vector<std::int64_t> reversed(ids.rbegin(), ids.rend());
  const auto work = [&](const std::vector<std::int64_t>& instances) {
    const auto connection = backend_->open();
    for (int batch = 0; batch < 10; ++batch) {
      const auto done = connection->retention->prune_executions(instances, 5);
      EXPECT_TRUE(done) << done.error().message;
    }
  };
  {
    const std::jthread one([&] { work(ids); });
    const std::jthread other([&] { work(reversed); });
  }
  prune(prunable());
  EXPECT_EQ(count("BATCH_JOB_EXECUTION"), "1");
  EXPECT_EQ(count("BATCH_JOB_INSTANCE"), "1");
  EXPECT_EQ(orphans(), "0");
}

INSTANTIATE_TEST_SUITE_P(Stores, Retained, every_stored_repository(), backend_name);

}  // namespace
}  // namespace baton

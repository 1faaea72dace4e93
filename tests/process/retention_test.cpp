// A real replica forgets the past of its jobs while they run, and never their last run.
#include "tests/process/monitored_stores.h"
#include "tests/process/replica_fixture.h"

namespace baton {
namespace {

class ForgettingReplica : public ReplicaTest, public testing::WithParamInterface<MonitoredStoresFactory> {
 protected:
  std::string repository(const std::string& sql) const override { return stores_->repository(sql).value_or(""); }
  void configure_with(const std::string& retention, const std::string& jobs) {
    ReplicaConfig config;
    stores_->choose_in(config);
    config.stores += retention;
    config.jobs = jobs;
    configure(config);
  }
  int instances(const std::string& job) const {
    const std::string count = repository("SELECT count(*) FROM BATCH_JOB_INSTANCE WHERE JOB_NAME = '" + job + "'");
    return count.empty() ? 0 : std::stoi(count);
  }
  // The first of the job's instances that is still there.
  int oldest(const std::string& job) const {
    const std::string id =
        repository("SELECT min(JOB_INSTANCE_ID) FROM BATCH_JOB_INSTANCE WHERE JOB_NAME = '" + job + "'");
    return id.empty() || id == "NULL" ? 0 : std::stoi(id);
  }
  std::string missing(const std::string& table, const std::string& id, const std::string& parent) const {
    return repository("SELECT count(*) FROM " + table + " WHERE " + id + " NOT IN (SELECT " + id + " FROM " + parent +
                      ")");
  }
  void expect_whole() const {
    EXPECT_EQ(missing("BATCH_JOB_EXECUTION", "JOB_INSTANCE_ID", "BATCH_JOB_INSTANCE"), "0");
    EXPECT_EQ(missing("BATCH_JOB_INSTANCE", "JOB_INSTANCE_ID", "BATCH_JOB_EXECUTION"), "0");
    for (const std::string table :
         {"BATCH_JOB_EXECUTION_PARAMS", "BATCH_JOB_EXECUTION_CONTEXT", "BATCH_STEP_EXECUTION", "baton_execution"}) {
      EXPECT_EQ(missing(table, "JOB_EXECUTION_ID", "BATCH_JOB_EXECUTION"), "0") << table;
    }
    EXPECT_EQ(missing("BATCH_STEP_EXECUTION_CONTEXT", "STEP_EXECUTION_ID", "BATCH_STEP_EXECUTION"), "0");
  }

  std::unique_ptr<MonitoredStores> stores_ = GetParam().make(workspace_);
};

INSTANTIATE_TEST_SUITE_P(On, ForgettingReplica, testing::Values(sqlite_monitored(), postgres_monitored()),
                         [](const auto& one) { return std::string(one.param.name); });

// Each run of it leaves progress and a reject in the warehouse.
std::string rejecting_job(const std::string& name, const std::string& schedule) {
  return load_job(name, schedule, 10) + "        skip: { limit: 1 }\n";
}

TEST_P(ForgettingReplica, RunsOfThePastThenTheyGoWithAllTheirTracesAndTheLastRunStays) {
  workspace_.write("prices.csv", "id,price\n1,1.5\ntwo,2.5\n");
  configure_with("retention: { executions: 1s }\n",
                 rejecting_job("often", "{ fixed_delay: 100ms }") + sql_job("seldom", once_an_hour));
  const Replica replica = start();
  ASSERT_TRUE(replica->await_error_text("retention: deleted"));
  const int first = oldest("often");
  ASSERT_TRUE(await([&] { return oldest("often") > first + 5; }));
  EXPECT_EQ(instances("seldom"), 1);
  end(replica);
  EXPECT_GE(instances("often"), 1);
  expect_whole();
  const std::string of_the_past = " WHERE instance_id < " + std::to_string(oldest("often"));
  EXPECT_EQ(workspace_.query("warehouse.db", "SELECT count(*) FROM baton_progress" + of_the_past), "0");
  EXPECT_EQ(workspace_.query("warehouse.db", "SELECT count(*) FROM baton_reject" + of_the_past), "0");
  EXPECT_NE(workspace_.query("warehouse.db", "SELECT count(*) FROM baton_reject"), "0");
  EXPECT_EQ(run({"history", "seldom"}).exit_code, 0);
}

TEST_P(ForgettingReplica, JobThatIsNoLongerConfiguredThenItsLastRunStays) {
  configure_with("", sql_job("kept", once_an_hour) + sql_job("removed", "{ fixed_delay: 50ms }"));
  const Replica before = start();
  ASSERT_TRUE(await_completed("removed", 5));
  end(before);
  const std::string last = repository("SELECT max(JOB_INSTANCE_ID) FROM BATCH_JOB_INSTANCE WHERE JOB_NAME = 'removed'");
  configure_with("retention: { executions: 1s }\n", sql_job("kept", once_an_hour));
  const Replica replica = start();
  EXPECT_TRUE(await([&] { return instances("removed") == 1; }));
  EXPECT_EQ(std::to_string(oldest("removed")), last);
  EXPECT_EQ(instances("kept"), 1);
  end(replica);
  expect_whole();
}

// A database in which traces lie is away: nothing is forgotten by halves, and it is tried again. Who never writes there
// is not held up.
TEST_P(ForgettingReplica, DatabaseThatCannotBeReachedThenToldOnceAndTheRunsThatWroteThereStay) {
  workspace_.write("prices.csv", "id,price\n1,1.5\n");
  configure_with("", load_job("prices", "{ fixed_delay: 50ms }", 10) + sql_job("a", "{ fixed_delay: 50ms }"));
  const Replica before = start();
  ASSERT_TRUE(await_completed("a", 5));
  ASSERT_TRUE(await_completed("prices", 5));
  end(before);
  workspace_.write("warehouse.db",
                   "no database at all, but long enough to be taken for one, so that nobody makes it anew");
  configure_with("retention: { executions: 1s }\n", load_job("prices", by_hand, 10) + sql_job("a", by_hand));
  const int runs_before = instances("prices");
  const Replica replica = start();
  ASSERT_TRUE(replica->await_error_text("retention: connection \"warehouse\": "));
  EXPECT_TRUE(await([&] { return instances("a") == 1; }));
  EXPECT_EQ(instances("prices"), runs_before);
  replica->signal(SIGTERM);
  EXPECT_EQ(times(replica->wait().errors, "trying again"), 1U);
  expect_whole();
}

}  // namespace
}  // namespace baton

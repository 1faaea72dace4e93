// Replicas without any global monitor: each one sees how its own jobs are, and that a store is away, and somebody is
// told once.
#include "tests/process/monitored_replicas.h"
#include "tests/process/stores_that_go_away.h"

namespace baton {
namespace {

using std::chrono::milliseconds;

// A look comes once in each heartbeat.
constexpr milliseconds each_own_look = heartbeat_time + look_time;
const MonitoringKeys nobody_watches{""};

const std::string broken_job =
    "  a:\n    schedule: { fixed_delay: 200ms }\n    steps:\n      - name: s\n        sql: { connection: warehouse, "
    "statement: 'SELECT * FROM missing' }\n";

class Unwatched : public MonitoredTest, public testing::WithParamInterface<MonitoredStoresFactory> {
 protected:
  Unwatched() : MonitoredTest(GetParam()) {}
  void heal() const { workspace_.execute("warehouse.db", "CREATE TABLE missing (id)"); }
};

INSTANTIATE_TEST_SUITE_P(On, Unwatched, testing::Values(sqlite_monitored(), postgres_monitored(), dynamodb_monitored()),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_P(Unwatched, FailingJobThenItsOwnerTellsOnceAndWhenItIsOver) {
  configure_with(0, broken_job + sql_job("b", "{ fixed_delay: 200ms }"), nobody_watches);
  const Replica first = start();
  const Replica second = start();
  ASSERT_TRUE(await([&] { return count_runs("a", "FAILED") > 0; }));
  expect_found("failing a", now_steady(), each_own_look);
  ASSERT_TRUE(await([&] { return count_runs("a", "FAILED") > 5; }));
  heal();
  expect_told_once("failing a");
  EXPECT_EQ(repository("SELECT count(*) FROM baton_alert"), "1");
  EXPECT_EQ(repository("SELECT count(*) FROM baton_monitor"), "0");
  end(first);
  end(second);
}

TEST_P(Unwatched, ScheduleThatDoesNotFireThenItsOwnerSaysSoUntilItRuns) {
  configure_with(0, sql_job("a", "{ fixed_delay: 200ms }") + sql_job("yearly", "{ cron: '0 0 0 1 1 *' }"),
                 nobody_watches);
  make_gate("gate");
  const Replica replica = start_with_point("before Executions::launch 1 wait gate");
  const int gate = reach_gate("gate");
  expect_found("overdue a", now_steady(), 2 * grace_time + each_own_look);
  close(gate);
  expect_told_once("overdue a");
  EXPECT_EQ(repository("SELECT count(*) FROM baton_alert"), "1") << "what is not due is not late";
  end(replica);
}

TEST_P(Unwatched, OwnerIsKilledAndTheJobHealsThenItsNextOwnerTellsTheEnd) {
  configure_with(0, broken_job, nobody_watches);
  const Replica first = start();
  ASSERT_TRUE(await_alert("failing a"));
  ASSERT_TRUE(await([&] { return told("begun", "failing a") == 1; }));
  ASSERT_TRUE(await([&] { return repository("SELECT count(told_at) FROM baton_alert") == "1"; }));
  first->signal(SIGKILL);
  heal();
  const Replica second = start();
  expect_told_once("failing a");
  end(second);
}

TEST_P(Unwatched, AMonitorWatchesTooThenItIsStillToldOnce) {
  configure_with(0, broken_job);
  const Replica first = start();
  const Replica second = start();
  ASSERT_TRUE(await_monitors(1));
  ASSERT_TRUE(await([&] { return count_runs("a", "FAILED") > 5; }));
  heal();
  expect_told_once("failing a");
  end(first);
  end(second);
}

// A monitor is silent and stays so, and replicas are started again with a configuration that does not have it.
class MonitorIsTakenAway : public MonitoredTest {
 protected:
  MonitorIsTakenAway() : MonitoredTest(sqlite_monitored()) {}

  void start_again_with(const MonitoringKeys& monitoring) {
    configure_with(0, sql_job("a", by_hand), {"m1: { every: 200ms }, m2: { every: 200ms }"});
    const Replica before = start();
    ASSERT_TRUE(await_monitors(2));
    take_as_stranger("m2", Duration(3'600'000));
    ASSERT_TRUE(await_alert("monitor_silent m2"));
    ASSERT_TRUE(await([&] { return told("begun", "monitor_silent m2") == 1; }));
    end(before);
    EXPECT_EQ(alerts(false), "monitor_silent m2");
    configure_with(0, sql_job("a", by_hand), monitoring);
    const Replica after = start();
    expect_told_once("monitor_silent m2");
    end(after);
  }
};

TEST_F(MonitorIsTakenAway, AnotherOneIsLeftThenItEndsTheAlert) { start_again_with({"m1: { every: 200ms }"}); }

TEST_F(MonitorIsTakenAway, NoneIsLeftThenReplicasEndTheAlert) { start_again_with(nobody_watches); }

using Store = StoresThatGoAway::Store;

class StoresGoAway : public MonitoredTest, public testing::WithParamInterface<StoresThatGoAwayFactory> {
 protected:
  StoresGoAway() : MonitoredTest(sqlite_monitored()), away_(GetParam().make(workspace_)) {
    ReplicaConfig config;
    away_->choose_in(config);
    config.stores +=
        "monitoring: { grace: 1s }\nalerts: { sinks: [ { command: { argv: [ /usr/bin/tee, -a, alerts.log ] } } ] }\n";
    config.jobs = sql_job("a", "{ fixed_rate: 300ms }");
    configure(config);
  }
  std::string repository(const std::string& sql) const override { return away_->repository(sql).value_or(""); }

  std::unique_ptr<StoresThatGoAway> away_;
};

INSTANTIATE_TEST_SUITE_P(On, StoresGoAway,
                         testing::Values(sqlite_that_goes_away(), postgres_that_goes_away(), dynamodb_that_goes_away()),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_P(StoresGoAway, LeaseStoreIsAwayThenAnAlertIsOpenAndTheJobThatStandsStillIsOverdue) {
  const Replica first = start();
  const Replica second = start();
  ASSERT_TRUE(await_completed("a", 2));
  away_->take_away(Store::leases);
  expect_found("store_away leaseStore", now_steady(), lease_time + grace_time + each_own_look);
  expect_found("overdue a", now_steady(), lease_time + grace_time + each_own_look);
  EXPECT_THAT(repository("SELECT message FROM baton_alert WHERE kind = 'store_away'"),
              HasSubstr("the lease store does not answer replica"));
  away_->bring_back(Store::leases);
  expect_told_once("store_away leaseStore");
  expect_told_once("overdue a");
  end(first);
  end(second);
}

TEST_P(StoresGoAway, RepositoryIsAwayThenItIsToldAtOnceAndListedOnceItIsBack) {
  const Replica replica = start();
  ASSERT_TRUE(await_completed("a", 2));
  away_->take_away(Store::repository);
  ASSERT_TRUE(await([&] { return told("begun", "store_away repository") == 1; }));
  away_->bring_back(Store::repository);
  expect_told_once("store_away repository");
  EXPECT_EQ(repository("SELECT count(*) FROM baton_alert WHERE kind = 'store_away'"), "1");
  EXPECT_TRUE(await([&] {
    return repository("SELECT count(*) FROM baton_alert WHERE told_at IS NULL OR told_at < notified_at") == "0";
  })) << "what was told straight away is not told again";
  end(replica);
}

}  // namespace
}  // namespace baton

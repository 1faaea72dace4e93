// Monitoring with real replicas, on every store: each trouble is produced, found by self or global monitoring within
// three times its bound (docs/monitoring.md), told once, and over once it heals.
#include "tests/process/monitored_replicas.h"

namespace baton {
namespace {

using std::chrono::milliseconds;

class MonitoredReplicas : public MonitoredTest, public testing::WithParamInterface<MonitoredStoresFactory> {
 protected:
  MonitoredReplicas() : MonitoredTest(GetParam()) {}

  void expect_hang_is_found(const std::string& point, const std::string& said);
  // With these monitors.
  void kill_with_nobody_to_take_over(const std::string& monitors);
  void strangers_take_and_abandon(const std::string& monitors);
};

INSTANTIATE_TEST_SUITE_P(On, MonitoredReplicas,
                         testing::Values(sqlite_monitored(), postgres_monitored(), dynamodb_monitored()),
                         [](const auto& one) { return std::string(one.param.name); });

constexpr milliseconds each_look = round_time + look_time;
// From the moment when nobody renews a lock, seen by a monitor that goes on.
constexpr milliseconds unowned_bound = lease_time + grace_time + 3 * refresh_time + each_look;
// The monitor dies too: its own lock is waited for, and then each lock is watched anew.
constexpr milliseconds monitor_moves = lease_time + heartbeat_time + lease_time;
constexpr milliseconds outage_tick(1'000);  // a replica asks itself so often whether its stores answer
const std::string two_by_hand = sql_job("a", by_hand) + sql_job("b", by_hand);
const std::string probes = "m1: { every: 200ms, probe: acquire, lease: 300ms }";

TEST_P(MonitoredReplicas, HealthyThenNobodyIsTold) {
  const std::string patient = "grace: 10s";  // the machine may be slow
  configure_with(0,
                 with_keys(sql_job("a", "{ fixed_rate: 300ms }"), patient) +
                     with_keys(sql_job("b", "{ fixed_delay: 200ms }"), patient) + sql_job("c", by_hand),
                 {"m1: { every: 200ms }, m2: { every: 300ms, probe: acquire, lease: 300ms }"});
  const Replica first = start();
  const Replica second = start();
  ASSERT_TRUE(await_completed("a", 10));
  EXPECT_EQ(alerts(false) + alerts(true), "");
  EXPECT_TRUE(await_monitors(2));
  EXPECT_EQ(run({"alerts"}).output, "no alerts\n");
  end(first);
  end(second);
  const auto leases = stores_->leases().list(Duration(20'000));
  ASSERT_TRUE(leases) << leases.error().message;
  for (const LeaseRecord& lease : *leases) EXPECT_TRUE(lease.released) << lease.key;
}

TEST_P(MonitoredReplicas, FailingJobThenToldOnceAndOverOnceItSucceeds) {
  configure_with(0, failing_job("a", "{ fixed_delay: 200ms }"));
  const Replica replica = start();
  ASSERT_TRUE(await_monitors(1));
  ASSERT_TRUE(await([&] { return count_runs("a", "FAILED") > 0; }));
  expect_found("failing a", now_steady(), each_look);
  ASSERT_TRUE(await([&] { return count_runs("a", "FAILED") > 3; }));
  const ProgramEnd listed = run({"alerts", "--json"});
  EXPECT_THAT(listed.output, HasSubstr("\"kind\": \"failing\""));
  EXPECT_THAT(listed.output, HasSubstr("missing"));
  EXPECT_THAT(status_of("a", "health"), HasSubstr("failing"));
  workspace_.execute("warehouse.db", "CREATE TABLE missing (id)");
  expect_told_once("failing a");
  end(replica);
}

// The job's own thread hangs before its execution is there: the owner is well, and nothing runs.
TEST_P(MonitoredReplicas, ScheduleThatDoesNotFireThenOverdueUntilItRuns) {
  configure_with(0, sql_job("a", "{ fixed_delay: 200ms }") + sql_job("yearly", "{ cron: '0 0 0 1 1 *' }"));
  make_gate("gate");
  const Replica replica = start_with_point("before Executions::launch 1 wait gate");
  const int gate = reach_gate("gate");
  const Moment due = now_steady();
  ASSERT_TRUE(await_monitors(1));
  expect_found("overdue a", due, grace_time + each_look);
  EXPECT_THAT(repository("SELECT message FROM baton_alert"), HasSubstr("never ran, and is late by"));
  EXPECT_THAT(status_of("yearly", "health"), HasSubstr("never_ran"));
  close(gate);
  expect_told_once("overdue a");
  EXPECT_EQ(repository("SELECT count(*) FROM baton_alert"), "1") << "what is not due is not late";
  end(replica);
}

TEST_P(MonitoredReplicas, MoreJobsThanTokensThenToldUntilAnotherReplicaComes) {
  configure_with(1, two_by_hand);
  const Replica first = start();
  ASSERT_TRUE(await_one_job(first));
  expect_found("no_capacity", now_steady(), grace_time + 3 * heartbeat_time + each_look);
  EXPECT_THAT(repository("SELECT message FROM baton_alert WHERE kind = 'no_capacity'"),
              HasSubstr("no capacity (2 jobs, 1 live token)"));
  const Replica second = start();
  expect_told_once("no_capacity");
  end(first);
  end(second);
}

void MonitoredReplicas::kill_with_nobody_to_take_over(const std::string& monitors) {
  configure_with(1, two_by_hand, {monitors});
  const Replica first = start();
  ASSERT_TRUE(await_one_job(first));
  ASSERT_TRUE(await_monitors(1));
  const Replica second = start();
  ASSERT_TRUE(await_one_job(second));
  const std::string lost = jobs_of(first).at(0);
  const std::string dead = id_of(first);
  const Moment killed = now_steady();
  first->signal(SIGKILL);
  expect_found("unowned " + lost, killed, unowned_bound + monitor_moves);
  expect_found("replica_silent " + dead, killed, unowned_bound + monitor_moves);
  EXPECT_THAT(run({"status"}).output, HasSubstr("no capacity (2 jobs, 1 live token)"));
  const Replica third = start();
  expect_told_once("unowned " + lost);
  expect_told_once("replica_silent " + dead);
  end(second);
  end(third);
}

TEST_P(MonitoredReplicas, KilledWithNobodyToTakeOverThenUnownedAndSilentUntilAnotherComes) {
  kill_with_nobody_to_take_over(MonitoringKeys().monitors);
}

TEST_P(MonitoredReplicas, ProbedAndKilledWithNobodyToTakeOverThenUnownedAndSilentUntilAnotherComes) {
  kill_with_nobody_to_take_over(probes);
}

TEST_P(MonitoredReplicas, StoppedThenItsLeasesAreLostAndSomebodySaysSoUntilItGoesOn) {
  configure_with(1, two_by_hand);
  const Replica first = start();
  ASSERT_TRUE(await_one_job(first));
  const Replica second = start();
  ASSERT_TRUE(await_one_job(second));
  const std::string lost = jobs_of(first).at(0);
  const Moment stopped = now_steady();
  first->signal(SIGSTOP);
  expect_found("unowned " + lost, stopped, unowned_bound + monitor_moves);
  first->signal(SIGCONT);
  expect_told_once("unowned " + lost);
  end(first);
  end(second);
}

// Its process lives, and a call of the lease store never returns: it renews nothing more, is seen by others, and says
// itself that it misses the lease store.
void MonitoredReplicas::expect_hang_is_found(const std::string& point, const std::string& said) {
  configure_with(1, two_by_hand);
  configure_unwatched(1, two_by_hand, "unwatched.yaml", "monitoring: { grace: 1s }\n");
  make_gate("gate");
  const Replica hanging = start_with("BATON_AT", point, "unwatched.yaml");
  const Replica watching = start();
  ASSERT_TRUE(await_one_job(hanging));
  ASSERT_TRUE(await_one_job(watching));
  ASSERT_TRUE(await_monitors(1));
  const std::string lost = jobs_of(hanging).at(0);
  const int gate = reach_gate("gate");
  const Moment hung = now_steady();
  // A lease until it gives up, and another until that is seen.
  expect_found("unowned " + lost, hung, lease_time + unowned_bound);
  expect_found("store_away leaseStore", hung, lease_time + grace_time + outage_tick + heartbeat_time + look_time);
  EXPECT_THAT(hanging->errors_so_far(), HasSubstr(said));
  close(gate);
  expect_told_once("unowned " + lost);
  EXPECT_TRUE(await_over("store_away leaseStore"));
  end(hanging);
  end(watching);
}

TEST_P(MonitoredReplicas, LoopsThatHangThenItsLeasesAreLostAndSomebodySaysSoUntilTheyGoOn) {
  expect_hang_is_found("before LeaseStore::list 3 wait gate",
                       "a call of the lease store has not returned for a lease: no lease is renewed any more");
}

TEST_P(MonitoredReplicas, RenewalsThatHangThenItsLeasesAreLostAndSomebodySaysSoUntilTheyGoOn) {
  expect_hang_is_found("before LeaseStore::renew 3 wait gate",
                       "have not returned for a lease: no lease is renewed or taken any more");
}

// P10: its work kills its process.
TEST_P(MonitoredReplicas, ThirdProcessDiesWithoutProgressThenHeldBackUntilAPersonRestartsIt) {
  workspace_.write("prices.csv", prices(200));
  configure_with(0, load_job("a", once_an_hour, 20));
  configure_unwatched(0, load_job("a", once_an_hour, 20), "unwatched.yaml");
  for (int i = 0; i < 3; ++i) {
    const Replica dying = start_with("BATON_AT", "before TableWriter::write 1 kill", "unwatched.yaml");
    EXPECT_EQ(dying->wait().exit_code, 128 + SIGKILL);
  }
  const Replica fourth = start();
  ASSERT_TRUE(await_one_job(fourth));
  expect_found("held_back a", now_steady(), each_look);
  EXPECT_THAT(status_of("a", "reason"), HasSubstr("its process died 3 times in a row without progress"));
  ASSERT_EQ(run({"restart", "a"}).exit_code, 0);
  expect_told_once("held_back a");
  EXPECT_EQ(loaded("a"), loaded(200));
  end(fourth);
}

// Who watches is watched by the other one.
TEST_P(MonitoredReplicas, MonitorThatLooksNoMoreThenTheOtherSaysSo) {
  configure_with(0, sql_job("a", by_hand), {"m1: { every: 200ms }, m2: { every: 200ms }"});
  const Replica replica = start();
  ASSERT_TRUE(await_monitors(2));
  const LeaseRecord taken = take_as_stranger("m2", Duration(3'600'000));
  expect_found("monitor_silent m2", now_steady(),
               2 * round_time + lease_time + 3 * refresh_time + grace_time + each_look);
  give_back(taken);
  expect_told_once("monitor_silent m2");
  end(replica);
}

// One takes a lock for an hour, one for a moment, and both are never heard of again.
void MonitoredReplicas::strangers_take_and_abandon(const std::string& monitors) {
  configure_with(1, sql_job("a", "{ fixed_delay: 200ms }") + sql_job("b", by_hand) + sql_job("c", by_hand), {monitors});
  const LeaseRecord for_long = take_as_stranger("a", Duration(3'600'000));
  take_as_stranger("b", Duration(1'500));
  const Replica first = start();
  ASSERT_TRUE(await_one_job(first));
  ASSERT_TRUE(await_monitors(1));
  const Moment seen = now_steady();
  expect_found("overdue a", seen, grace_time + each_look);
  EXPECT_THAT(alerts(false), Not(HasSubstr("unowned a"))) << "its time is not over";
  expect_found("unowned b", seen, milliseconds(1'500) + grace_time + 3 * refresh_time + each_look);
  give_back(for_long);
  const Replica second = start();
  const Replica third = start();
  expect_told_once("overdue a");
  expect_told_once("unowned b");
  end(first);
  end(second);
  end(third);
}

TEST_P(MonitoredReplicas, LocksThatAStrangerTookAndAbandonedThenOverdueAndUnowned) {
  strangers_take_and_abandon(MonitoringKeys().monitors);
}

TEST_P(MonitoredReplicas, ProbedLocksThatAStrangerTookAndAbandonedThenOverdueAndUnowned) {
  strangers_take_and_abandon(probes);
}

TEST_P(MonitoredReplicas, RunWithoutProgressThenStalledUntilALaterRunSucceeds) {
  configure_with(0, with_keys(shell_job("a", once_an_hour, "test -e there || { touch there; exec sleep 60; }"),
                              "timeout: 4s\n    stall: 500ms"));
  const Replica replica = start();
  ASSERT_TRUE(await([&] { return count_runs("a", "STARTED") == 1; }));
  expect_found("stalled a", now_steady(), milliseconds(500) + look_time);
  EXPECT_THAT(status_of("a", "health"), HasSubstr("stalled"));
  EXPECT_THAT(run({"explain", "a"}).output, HasSubstr("no progress for 500ms"));
  ASSERT_TRUE(await_runs("a", "FAILED|itself|schedule"));
  EXPECT_EQ(repository("SELECT EXIT_MESSAGE FROM BATCH_JOB_EXECUTION"), "timed out: it ran for longer than 4s");
  EXPECT_THAT(alerts(false), HasSubstr("stalled a")) << "a run that is cut short has shown no progress";
  ASSERT_EQ(run({"restart", "a"}).exit_code, 0);
  expect_told_once("stalled a");
  end(replica);
}

TEST_P(MonitoredReplicas, PausedForTooLongThenToldUntilItIsResumed) {
  configure_with(0, sql_job("a", "{ fixed_delay: 200ms }"), {"m1: { every: 200ms }", ", paused: 1s"});
  const Replica replica = start();
  ASSERT_TRUE(await_completed("a", 1));
  ASSERT_TRUE(await_monitors(1));
  ASSERT_EQ(run({"pause", "a", "--reason", "audit"}).exit_code, 0);
  expect_found("paused_long a", now_steady(), milliseconds(1'000) + each_look);
  EXPECT_THAT(repository("SELECT message FROM baton_alert"), HasSubstr(": audit"));
  ASSERT_EQ(run({"resume", "a"}).exit_code, 0);
  expect_told_once("paused_long a");
  EXPECT_EQ(repository("SELECT count(*) FROM baton_alert"), "1") << "a paused job is not late";
  end(replica);
}

TEST_P(MonitoredReplicas, ConfigurationsThatDifferForLongThenToldUntilTheyAgree) {
  configure_with(0, sql_job("a", by_hand), {"m1: { every: 200ms }", ", differ: 1s"});
  configure_unwatched(1, sql_job("a", by_hand), "former.yaml");
  const Replica replica = start();
  ASSERT_TRUE(await_monitors(1));
  const Replica former = start("former.yaml");
  ASSERT_TRUE(await([&] { return !id_of(former).empty(); }));
  expect_found("configurations_differ", now_steady(), milliseconds(1'000) + each_look);
  end(former);
  expect_told_once("configurations_differ");
  end(replica);
}

// P16: who should close it hangs as it takes the lock, and its monitor says so.
TEST_P(MonitoredReplicas, ExecutionThatNobodyRunsAndNobodyClosesThenToldUntilSomebodyDoes) {
  configure_unwatched(1, shell_job("former", once_an_hour, "exec sleep 60"), "former.yaml");
  configure_with(1, sql_job("a", by_hand));
  const Replica former = start("former.yaml");
  ASSERT_TRUE(await([&] { return count_runs("former", "STARTED") == 1; }));
  make_gate("gate");
  const Replica replica = start_with_point("before LeaseStore::take 3 wait gate");  // m1's, a's, and then that one
  ASSERT_TRUE(await_one_job(replica));
  ASSERT_TRUE(await_monitors(1));
  const std::string dead = id_of(former);
  const Moment killed = now_steady();
  former->signal(SIGKILL);
  expect_found("nobodys_execution former", killed, unowned_bound);
  expect_found("replica_silent " + dead, killed, unowned_bound);
  pass_gate("gate");
  expect_told_once("nobodys_execution former");
  expect_told_once("replica_silent " + dead);
  EXPECT_TRUE(await_runs("former", "FAILED|orphaned|schedule"));
  end(replica);
}

}  // namespace
}  // namespace baton

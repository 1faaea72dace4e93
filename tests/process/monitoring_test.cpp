// Monitoring with real replicas: each trouble is produced, found by self or global monitoring, told once, and over once
// it heals.
#include "tests/process/replica_fixture.h"

namespace baton {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Lease 1 s, heartbeat 300 ms, refresh 100 ms, grace 1 s; a monitor looks every 200 ms.
class MonitoredReplicas : public ReplicaTest {
 protected:
  void configure_with(int tokens, const std::string& jobs, const std::string& monitors = "m1: { every: 200ms }") {
    ReplicaConfig config;
    config.tokens = tokens;
    config.stores = "repository: { url: \"sqlite:baton.db\" }\nmonitoring: { grace: 1s, global: { " + monitors +
                    " } }\nalerts: { sinks: [ { command: { argv: [ /usr/bin/tee, -a, alerts.log ] } } ] }\n";
    config.jobs = jobs;
    configure(config);
  }
  // Jobs, without the locks of the monitors.
  std::string jobs_of(const Replica& replica) const {
    return workspace_
        .try_query(locks_file_,
                   "SELECT group_concat(key, ' ') FROM baton_lease WHERE isReleased IS NULL AND key NOT IN "
                   "('m1', 'm2') AND ownerName = '" +
                       id_of(replica) + "'")
        .value_or("");
  }
  bool await_one_job(const Replica& replica) const {
    return await([&] { return !id_of(replica).empty() && jobs_of(replica).size() == 1; });
  }
  // Open alerts, or those that are over: "kind subject", a line each.
  std::string alerts(bool over) const {
    return repository(std::string("SELECT kind || ' ' || subject FROM baton_alert WHERE resolved_at IS ") +
                      (over ? "NOT NULL" : "NULL") + " ORDER BY 1");
  }
  bool await_alert(const std::string& alert) const {
    return await([&] { return ("\n" + alerts(false) + "\n").find("\n" + alert + "\n") != std::string::npos; });
  }
  bool await_over(const std::string& alert) const {
    return await([&] {
      return ("\n" + alerts(true) + "\n").find("\n" + alert + "\n") != std::string::npos &&
             ("\n" + alerts(false) + "\n").find("\n" + alert + "\n") == std::string::npos;
    });
  }
  // How often the command was told so.
  std::size_t told(const std::string& event, const std::string& kind, const std::string& subject) const {
    if (!workspace_.exists("alerts.log")) return 0;
    return times(workspace_.read("alerts.log"),
                 R"({"event":")" + event + R"(","kind":")" + kind + R"(","subject":")" + subject + "\"");
  }
  void expect_told_once(const std::string& kind, const std::string& subject) const {
    EXPECT_TRUE(await([&] { return told("ended", kind, subject) == 1; })) << kind << " " << subject;
    EXPECT_EQ(told("begun", kind, subject), 1U);
  }
};

std::string with_keys(std::string job, const std::string& keys) {
  return job.insert(job.find('\n') + 1, "    " + keys + "\n");
}

TEST_F(MonitoredReplicas, HealthyThenNobodyIsTold) {
  configure_with(0,
                 sql_job("a", "{ fixed_rate: 300ms }") + sql_job("b", "{ fixed_delay: 200ms }") + sql_job("c", by_hand),
                 "m1: { every: 200ms }, m2: { every: 300ms, probe: acquire, lease: 300ms }");
  const Replica first = start();
  const Replica second = start();
  ASSERT_TRUE(await_completed("a", 20));
  EXPECT_EQ(alerts(false), "");
  EXPECT_EQ(alerts(true), "");
  EXPECT_EQ(repository("SELECT count(*) FROM baton_monitor"), "2");
  EXPECT_EQ(run({"alerts"}).output, "no alerts\n");
  end(first);
  end(second);
  EXPECT_EQ(leases(), "");
}

TEST_F(MonitoredReplicas, FailingJobThenToldOnceAndOverOnceItSucceeds) {
  configure_with(0,
                 "  a:\n    schedule: { fixed_delay: 200ms }\n    steps:\n      - name: s\n        sql: { connection: "
                 "warehouse, statement: 'SELECT * FROM missing' }\n");
  const Replica replica = start();
  ASSERT_TRUE(await_alert("failing a"));
  ASSERT_TRUE(await([&] { return count_runs("a", "FAILED") > 3; }));
  const ProgramEnd listed = run({"alerts", "--json"});
  EXPECT_THAT(listed.output, HasSubstr("\"kind\": \"failing\""));
  EXPECT_THAT(listed.output, HasSubstr("missing"));
  EXPECT_THAT(status_of("a", "health"), HasSubstr("failing"));
  workspace_.execute("warehouse.db", "CREATE TABLE missing (id)");
  ASSERT_TRUE(await_over("failing a"));
  expect_told_once("failing", "a");
  end(replica);
}

TEST_F(MonitoredReplicas, KilledWithNobodyToTakeOverThenUnownedUntilAnotherComes) {
  configure_with(1, sql_job("a", by_hand) + sql_job("b", by_hand));
  const Replica first = start();
  const Replica second = start();
  ASSERT_TRUE(await_one_job(first));
  ASSERT_TRUE(await_one_job(second));
  ASSERT_TRUE(await([&] { return repository("SELECT count(*) FROM baton_monitor") == "1"; }));
  const std::string lost = jobs_of(first);
  const auto killed = steady_clock::now();
  first->signal(SIGKILL);
  ASSERT_TRUE(await_alert("unowned " + lost));
  // Its lease; the monitor's, if it was the same replica's; grace, three refreshes and a round.
  const auto bound = 2 * lease_time + milliseconds(1'000) + 3 * refresh_time + milliseconds(200);
  EXPECT_LT(steady_clock::now() - killed, 3 * bound + latency_allowance);
  EXPECT_THAT(run({"status"}).output, HasSubstr("no capacity (2 jobs, 1 live token)"));
  const Replica third = start();
  ASSERT_TRUE(await_over("unowned " + lost));
  expect_told_once("unowned", lost);
  end(second);
  end(third);
}

TEST_F(MonitoredReplicas, LoopsThatHangThenTheLeasesAreLostAndSomebodySaysSo) {
  configure_with(1, sql_job("a", by_hand) + sql_job("b", by_hand));
  const Replica first = start();
  const Replica second = start();
  ASSERT_TRUE(await_one_job(first));
  ASSERT_TRUE(await_one_job(second));
  const std::string lost = jobs_of(first);
  first->signal(SIGSTOP);
  ASSERT_TRUE(await_alert("unowned " + lost));
  first->signal(SIGCONT);
  ASSERT_TRUE(await_over("unowned " + lost));
  expect_told_once("unowned", lost);
  end(first);
  end(second);
}

// Who watches is watched by the other one.
TEST_F(MonitoredReplicas, MonitorThatLooksNoMoreThenTheOtherSaysSo) {
  configure_with(0, sql_job("a", by_hand), "m1: { every: 200ms }, m2: { every: 200ms }");
  const Replica replica = start();
  ASSERT_TRUE(await([&] { return repository("SELECT count(*) FROM baton_monitor") == "2"; }));
  // Somebody else has its lock, and does nothing.
  ASSERT_TRUE(await([&] {
    return workspace_
        .try_query(locks_file_,
                   "UPDATE baton_lease SET ownerName = 'other', leaseDuration = '3600000', "
                   "recordVersionNumber = 'x' WHERE key = 'm2' RETURNING key")
        .has_value();
  }));
  ASSERT_TRUE(await_alert("monitor_silent m2"));
  end(replica);
}

TEST_F(MonitoredReplicas, RunWithoutProgressThenStalledAndOverWhenItsTimeoutEndsIt) {
  configure_with(0, with_keys(shell_job("a", once_an_hour, "exec sleep 60"), "timeout: 4s\n    stall: 500ms"));
  const Replica replica = start();
  ASSERT_TRUE(await_alert("stalled a"));
  EXPECT_THAT(status_of("a", "health"), HasSubstr("stalled"));
  EXPECT_THAT(run({"explain", "a"}).output, HasSubstr("no progress for 500ms"));
  ASSERT_TRUE(await_runs("a", "FAILED|itself|schedule"));
  EXPECT_EQ(repository("SELECT EXIT_MESSAGE FROM BATCH_JOB_EXECUTION"), "timed out: it ran for longer than 4s");
  ASSERT_TRUE(await_over("stalled a"));
  expect_told_once("stalled", "a");
  end(replica);
}

TEST_F(MonitoredReplicas, StatementThatRunsTooLongThenItIsCancelled) {
  configure_with(0, with_keys("  a:\n    schedule: { fixed_delay: 1h }\n    steps:\n      - name: s\n        sql: { "
                              "connection: warehouse, statement: 'INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION "
                              "ALL SELECT i + 1 FROM n) SELECT count(*) FROM n' }\n",
                              "timeout: 1s"));
  workspace_.execute("warehouse.db", "CREATE TABLE t (n)");
  const Replica replica = start();
  ASSERT_TRUE(await_runs("a", "FAILED|itself|schedule"));
  EXPECT_THAT(repository("SELECT EXIT_MESSAGE FROM BATCH_JOB_EXECUTION"),
              HasSubstr("timed out: it ran for longer than 1s"));
  EXPECT_EQ(repository("SELECT STATUS FROM BATCH_STEP_EXECUTION"), "FAILED");
  end(replica);
}

TEST_F(MonitoredReplicas, StalledAndRestartThenItRunsAgainAtOnce) {
  configure_with(0, with_keys(shell_job("a", once_an_hour, "test -e there || { touch there; exec sleep 60; }"),
                              "stall: 1s\n    on_stall: restart"));
  const Replica replica = start();
  ASSERT_TRUE(await_runs("a", "FAILED|itself|schedule\nCOMPLETED|itself|restart"));
  end(replica);
}

TEST_F(MonitoredReplicas, StalledAndReleaseThenAnotherReplicaHasIt) {
  configure_with(1, with_keys(shell_job("a", once_an_hour, "test -e there || { touch there; exec sleep 60; }"),
                              "stall: 1s\n    on_stall: release"));
  const Replica first = start();
  ASSERT_TRUE(await_one_job(first));
  const Replica second = start();
  ASSERT_TRUE(await_runs("a", "FAILED|itself|schedule"));
  ASSERT_TRUE(first->await_error_text("left alone for"));
  EXPECT_TRUE(await_one_job(second));
  end(first);
  end(second);
}

// Nobody watches a one-off run but itself.
TEST_F(MonitoredReplicas, OneOffRunThatTakesTooLongThenItIsCancelledToo) {
  configure_with(0, with_keys(shell_job("a", by_hand, "exec sleep 60"), "timeout: 1s"));
  const ProgramEnd once = run({"run", "--once", "a"});
  EXPECT_EQ(once.exit_code, 1);
  EXPECT_THAT(once.errors, HasSubstr("timed out: it ran for longer than 1s"));
  EXPECT_EQ(runs("a"), "FAILED|itself|request");
}

// The whole of the issue's is 60 s with 4 replicas and 40 jobs.
TEST_F(MonitoredReplicas, ProbedTwiceASecondThenNoLeaseIsLostAndNoRunIsMissed) {
  std::string jobs;
  for (int job = 0; job < 10; ++job) jobs += sql_job("j" + std::to_string(job), "{ fixed_rate: 1s }");
  configure_with(0, jobs, "m1: { every: 500ms, probe: acquire, lease: 500ms }");
  const Replica first = start();
  const Replica second = start();
  ASSERT_TRUE(await_completed("j0", 8));
  EXPECT_EQ(repository("SELECT sum(missed) FROM baton_execution"), "0");
  EXPECT_EQ(alerts(false) + alerts(true), "");
  first->signal(SIGTERM);
  second->signal(SIGTERM);
  EXPECT_THAT(first->wait().errors, Not(HasSubstr("lost its lease")));
  EXPECT_THAT(second->wait().errors, Not(HasSubstr("lost its lease")));
}

}  // namespace
}  // namespace baton

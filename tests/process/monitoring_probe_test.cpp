// A probing monitor beside replicas at work: it takes locks all the time, and takes nothing from anybody.
#include "lease/probe_name.h"
#include "tests/process/monitored_replicas.h"
#include "tests/process/soak.h"

namespace baton {
namespace {

constexpr std::chrono::milliseconds probe_lease(300);

class ProbedReplicas : public MonitoredTest, public testing::WithParamInterface<MonitoredStoresFactory> {
 protected:
  ProbedReplicas() : MonitoredTest(GetParam()) {}

  int number(const std::string& sql) const {
    const std::string text = repository(sql);
    return text.empty() || text == "NULL" ? 0 : std::stoi(text);
  }
  std::vector<std::string> held_by_probes() const {
    std::vector<std::string> keys;
    const auto leases = stores_->leases().list(Duration(20'000)).value();
    for (const LeaseRecord& lease : leases) {
      if (!lease.released && is_probe(lease.owner_name)) keys.push_back(lease.key);
    }
    return keys;
  }
  // Three times the bound, as for everything with real processes.
  static void expect_within(Moment since, std::chrono::milliseconds bound) {
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(now_steady() - since);
    EXPECT_LE(took.count(), 3 * bound.count());
    std::printf("taken after %lld ms, bound %lld ms\n", static_cast<long long>(took.count()),
                static_cast<long long>(bound.count()));
  }
};

INSTANTIATE_TEST_SUITE_P(On, ProbedReplicas,
                         testing::Values(sqlite_monitored(), postgres_monitored(), dynamodb_monitored()),
                         [](const auto& one) { return std::string(one.param.name); });

// The whole of it is a minute with 4 replicas and 40 jobs.
TEST_P(ProbedReplicas, ProbedEverySecondThenNoLeaseIsLostAndNoRunIsMissed) {
  const int replicas = is_soak() ? 4 : 2;
  const int jobs = is_soak() ? 40 : 10;
  const int period = is_soak() ? 5 : 2;
  const int seconds = is_soak() ? 60 : 8;
  std::string all;
  for (int job = 0; job < jobs; ++job) {
    const std::string rate = "{ fixed_rate: " + std::to_string(period) + "s }";
    all += with_keys(sql_job("j" + std::to_string(job), rate), "grace: 30s");  // 40 starts at once take their time
  }
  MonitoringKeys monitoring{"m1: { every: 1s, probe: acquire, lease: 1s }"};
  monitoring.timings = "lease: 3s, heartbeat: 1s, refresh: 500ms";
  configure_with(0, all, monitoring);
  std::vector<Replica> started;
  for (int replica = 0; replica < replicas; ++replica) started.push_back(start());
  ASSERT_TRUE(await_completed("j0", seconds / period));
  EXPECT_EQ(repository("SELECT sum(missed) FROM baton_execution"), "0");
  EXPECT_EQ(alerts(false) + alerts(true), "");
  EXPECT_TRUE(await_monitors(1));
  std::printf("%d replicas, %d jobs, %d s: %d runs\n", replicas, jobs, seconds,
              number("SELECT count(*) FROM BATCH_JOB_EXECUTION WHERE STATUS = 'COMPLETED'"));
  for (const Replica& replica : started) replica->signal(SIGTERM);
  for (const Replica& replica : started) {
    const ProgramEnd end = replica->wait();
    EXPECT_EQ(end.exit_code, 0);
    EXPECT_THAT(end.errors, Not(HasSubstr("lost its lease")));
  }
}

// Its owner dies, and who waits for the lock meets the probe at it.
TEST_P(ProbedReplicas, OwnerDiesBesideAProbeThenTheJobIsTakenAtMostTheProbesLeaseLater) {
  configure_unwatched(1, sql_job("a", by_hand), "unwatched.yaml");
  configure_with(1, sql_job("a", by_hand), {"m1: { every: 200ms, probe: acquire, lease: 300ms }"});
  const Replica owner = start("unwatched.yaml");
  ASSERT_TRUE(await_one_job(owner));
  const Replica waiting = start();
  ASSERT_TRUE(await_monitors(1));
  const Moment killed = now_steady();
  owner->signal(SIGKILL);
  ASSERT_TRUE(await_one_job(waiting));
  expect_within(killed, lease_time + refresh_time + probe_lease);
  end(waiting);
}

// It has taken what nobody holds, and dies before it gives that back. An owner's lease would last ten seconds.
TEST_P(ProbedReplicas, ProbeDiesWithALockThenTheJobIsTakenOnceTheProbesLeaseIsOver) {
  MonitoringKeys monitoring{"m1: { every: 200ms, probe: acquire, lease: 300ms }"};
  monitoring.timings = "lease: 10s, heartbeat: 1s, refresh: 100ms";
  configure_with(1, sql_job("a", by_hand) + sql_job("b", by_hand), monitoring);
  const Replica dying = start_with_point("before LeaseStore::release 1 kill");
  EXPECT_EQ(dying->wait().exit_code, 128 + SIGKILL);
  const std::vector<std::string> probed = held_by_probes();
  ASSERT_FALSE(probed.empty()) << "the other job's owner died with it";
  const Replica next = start();
  ASSERT_TRUE(await([&] { return !id_of(next).empty(); }));
  const Moment watching = now_steady();
  ASSERT_TRUE(await_one_job(next));
  expect_within(watching, probe_lease + refresh_time);
  EXPECT_THAT(probed, testing::Contains(jobs_of(next).at(0)));
  end(next);
}

}  // namespace
}  // namespace baton

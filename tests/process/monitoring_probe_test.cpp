// A probing monitor beside replicas at work: it takes locks all the time, and takes nothing from anybody.
#include "tests/process/monitored_replicas.h"
#include "tests/process/soak.h"

namespace baton {
namespace {

class ProbedReplicas : public MonitoredTest, public testing::WithParamInterface<MonitoredStoresFactory> {
 protected:
  ProbedReplicas() : MonitoredTest(GetParam()) {}

  int number(const std::string& sql) const {
    const std::string text = repository(sql);
    return text.empty() || text == "NULL" ? 0 : std::stoi(text);
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

}  // namespace
}  // namespace baton

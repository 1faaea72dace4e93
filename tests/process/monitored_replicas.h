// What the tests of monitored replicas share: replicas on any store, the alerts there, and what a sink was told.
#pragma once

#include "runtime/system_random.h"
#include "tests/process/monitored_stores.h"
#include "tests/process/replica_fixture.h"

namespace baton {

using Moment = std::chrono::steady_clock::time_point;

// Of these tests: lease 1 s, heartbeat 300 ms, refresh 100 ms, grace 1 s; a monitor looks every 200 ms.
constexpr std::chrono::milliseconds heartbeat_time(300), grace_time(1'000), round_time(200);
// What a round of a monitor itself takes, and the stores' latency: as the bounds of docs/monitoring.md have it.
constexpr std::chrono::milliseconds look_time(300);

struct MonitoringKeys {
  std::string monitors = "m1: { every: 200ms }";
  std::string more = {};  // keys of monitoring
  std::string sink = "command: { argv: [ /usr/bin/tee, -a, alerts.log ] }";
  std::string timings = ReplicaConfig{}.timings;  // of locks
};

class MonitoredTest : public ReplicaTest {
 protected:
  explicit MonitoredTest(const MonitoredStoresFactory& factory) : stores_(factory.make(workspace_)) {}

  void configure_with(int tokens, const std::string& jobs, const MonitoringKeys& monitoring = {},
                      const std::string& file = "baton.yaml") const;
  // The same jobs and stores, and nobody who watches; with `more` keys.
  void configure_unwatched(int tokens, const std::string& jobs, const std::string& file,
                           const std::string& more = "") const;

  std::string repository(const std::string& sql) const override { return stores_->repository(sql).value_or(""); }

  // The jobs that it owns, sorted, without the locks of monitors.
  std::vector<std::string> jobs_of(const Replica& replica) const;
  bool await_one_job(const Replica& replica) const {
    return await([&] { return jobs_of(replica).size() == 1; });
  }
  bool await_monitors(int count) const {
    return await([&] { return repository("SELECT count(*) FROM baton_monitor") == std::to_string(count); });
  }
  // Another program takes the lock, whoever has it.
  LeaseRecord take_as_stranger(const std::string& key, Duration duration);
  void give_back(const LeaseRecord& taken);

  // Open alerts, or those that are over: "kind subject", a line each.
  std::string alerts(bool over) const;
  bool await_alert(const std::string& alert) const;
  bool await_over(const std::string& alert) const;
  // Found within three times the bound, which is counted from `since`.
  void expect_found(const std::string& alert, Moment since, std::chrono::milliseconds bound) const;

  // How often the command was told so.
  std::size_t told(const std::string& event, const std::string& alert) const;
  // It is over, and was told once at each end: also after so long that whoever thought a notice lost had told it again,
  // and once more when the test and its replicas have ended.
  void expect_told_once(const std::string& alert);
  void TearDown() override;

  std::unique_ptr<MonitoredStores> stores_;
  SystemRandom random_;

 private:
  void count_notices(const std::string& alert) const;
  // Until some replica's heart has beaten so many times more.
  bool await_beats(std::int64_t beats) const;

  std::vector<std::string> told_once_;
};

inline Moment now_steady() { return std::chrono::steady_clock::now(); }

}  // namespace baton

// How often replicas at rest ask the lease store: bench_lease_requests CONFIG REPLICAS WARM_UP_SECONDS SECONDS. Runs
// that many replicas of the configuration in this process and counts their calls. One renewal of many leases is one
// request here; a store without batches needs one for each lease.
#include "app/run_replica.h"
#include "loaded_config.h"
#include "runtime/system_clock.h"
#include "runtime/system_random.h"

#include <fmt/format.h>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

namespace {

using namespace baton;

struct Calls {
  std::atomic<std::int64_t> list = 0;
  std::atomic<std::int64_t> renew = 0;
  std::atomic<std::int64_t> leases_renewed = 0;
  std::atomic<std::int64_t> others = 0;  // reads, takes, releases
};

class CountedLeaseStore final : public LeaseStore {
 public:
  CountedLeaseStore(std::unique_ptr<LeaseStore> inner, Calls& calls) : inner_(std::move(inner)), calls_(calls) {}

  Result<std::string> identity(Duration timeout) override { return inner_->identity(timeout); }
  Result<std::optional<LeaseRecord>> read(const std::string& key, Duration timeout) override {
    ++calls_.others;
    return inner_->read(key, timeout);
  }
  Result<std::vector<LeaseRecord>> list(Duration timeout) override {
    ++calls_.list;
    return inner_->list(timeout);
  }
  Status take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen, Duration timeout) override {
    ++calls_.others;
    return inner_->take(mine, seen, timeout);
  }
  std::vector<Status> renew(std::span<const LeaseRenewal> renewals, Duration timeout) override {
    ++calls_.renew;
    calls_.leases_renewed += static_cast<std::int64_t>(renewals.size());
    return inner_->renew(renewals, timeout);
  }
  Status release(const std::string& key, const std::string& owner_name, const std::string& version,
                 Duration timeout) override {
    ++calls_.others;
    return inner_->release(key, owner_name, version, timeout);
  }

 private:
  std::unique_ptr<LeaseStore> inner_;
  Calls& calls_;
};

void be_replica(const Config& config, Calls& calls, const std::stop_token& stop) {
  SystemClock clock;
  SystemRandom random;
  Log log(config.log_format, config.log_level);
  StoreHooks hooks;
  hooks.lease_store = [&calls](std::unique_ptr<LeaseStore> inner) {
    return std::make_unique<CountedLeaseStore>(std::move(inner), calls);
  };
  Stores stores(config, clock, random, hooks);
  const NativeParts no_natives;
  run_replica_until({config, stores, clock, random, log, no_natives}, stop);
}

void measure(const Config& config, int replicas, int warm_up, int seconds) {
  Calls calls;
  std::stop_source stop;
  std::vector<std::jthread> threads;
  for (int i = 0; i < replicas; ++i) threads.emplace_back([&] { be_replica(config, calls, stop.get_token()); });
  SystemClock clock;
  clock.wait_until(clock.now() + std::chrono::seconds(warm_up), {});
  const std::int64_t before[] = {calls.list, calls.renew, calls.leases_renewed, calls.others};
  clock.wait_until(clock.now() + std::chrono::seconds(seconds), {});
  const auto in_a_minute = [&](std::int64_t now, std::size_t which) {
    return static_cast<double>(now - before[which]) * 60 / seconds;
  };
  const double list = in_a_minute(calls.list, 0);
  const double renew = in_a_minute(calls.renew, 1);
  const double leases = in_a_minute(calls.leases_renewed, 2);
  const double others = in_a_minute(calls.others, 3);
  stop.request_stop();
  const auto jobs = static_cast<double>(config.jobs.size());
  fmt::print("  {:>8} {:>6} {:>10.0f} {:>11.0f} {:>10.0f} {:>15.2f} {:>20.2f}\n", replicas, config.jobs.size(), list,
             renew, others, (list + renew + others) / jobs, (list + leases + others) / jobs);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    fmt::print(stderr, "usage: bench_lease_requests CONFIG REPLICAS WARM_UP_SECONDS SECONDS\n");
    return 2;
  }
  const Config config = config_or_exit(argv[1]);
  measure(config, std::atoi(argv[2]), std::atoi(argv[3]), std::atoi(argv[4]));
  return 0;
}

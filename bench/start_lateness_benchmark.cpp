// How late the runs of a replica's jobs start: bench_start_lateness CONFIG WARM_UP_SECONDS SECONDS. Each job of the
// configuration gets one native step that does nothing, in place of its own; all else is the program's: run_replica on
// the configured stores.
#include "app/job_work.h"
#include "app/late_lease_store.h"
#include "app/owned_replicas.h"
#include "app/run_replica.h"
#include "batch/native_step.h"
#include "loaded_config.h"
#include "runtime/system_clock.h"
#include "runtime/system_random.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

namespace {

using namespace baton;

double milliseconds(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1'000.0; }

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Of the starts that were due within the measured time. Thread-safe.
class Lateness {
 public:
  Lateness(WallTime from, WallTime until) : from_(from), until_(until) {}

  void add(WallTime due, WallTime ordered, WallTime started) {
    if (due < from_ || due >= until_) return;
    const std::scoped_lock lock(mutex_);
    of_order_.push_back(ordered - due);
    of_start_.push_back(started - due);
  }

  void print(double cpu) {
    const std::scoped_lock lock(mutex_);
    fmt::print("  {} starts in {} s, with {:.1f} % of a core\n", of_start_.size(),
               std::chrono::duration_cast<std::chrono::seconds>(until_ - from_).count(),
               100.0 * cpu * 1e6 / static_cast<double>((until_ - from_).count()));
    print("the step begins after its due time", of_start_);
    print("of that, until the job's thread begins", of_order_);
  }

 private:
  static void print(std::string_view what, std::vector<std::chrono::microseconds>& late) {
    if (late.empty()) return;
    std::sort(late.begin(), late.end());
    const auto at = [&](std::size_t percent) {
      return milliseconds(late[std::min(late.size() - 1, late.size() * percent / 100)]);
    };
    fmt::print("  {:<39} p50 {:6.1f} ms  p99 {:6.1f} ms  max {:6.1f} ms\n", what, at(50), at(99),
               milliseconds(late.back()));
  }

  const WallTime from_;
  const WallTime until_;
  std::mutex mutex_;
  std::vector<std::chrono::microseconds> of_order_;
  std::vector<std::chrono::microseconds> of_start_;
};

// What the run on this thread was started for.
thread_local WallTime due_here{};
thread_local WallTime ordered_here{};

class TimedWork final : public JobWork {
 public:
  TimedWork(JobWork& inner, const Clock& clock) : inner_(inner), clock_(clock) {}

  Result<OwnedJob> own(const std::string& job, LeaseHold& lease, std::stop_token stop) override {
    auto owned = inner_.own(job, lease, std::move(stop));
    if (owned) ++owned_;
    return owned;
  }
  Result<RunOutcome> run(const std::string& job, LeaseHold& lease, const Ownership& ownership, const RunOrder& order,
                         std::stop_token stop) override {
    ordered_here = clock_.wall_now();
    due_here = order.due.value_or(WallTime{});
    return inner_.run(job, lease, ownership, order, std::move(stop));
  }
  Status close_nobodys(const std::string& job, LeaseHold& lease, std::stop_token stop) override {
    return inner_.close_nobodys(job, lease, std::move(stop));
  }

  std::size_t owned() const { return owned_; }

 private:
  JobWork& inner_;
  const Clock& clock_;
  std::atomic<std::size_t> owned_ = 0;
};

int measure(const Config& config, int warm_up, int seconds) {
  SystemClock clock;
  SystemRandom random;
  Log log(config.log_format, config.log_level);
  Stores stores(config, clock, random, {});
  const ReplicaSettings settings = replica_settings(config, "bench");
  const WallTime from = clock.wall_now() + std::chrono::seconds(warm_up);
  const WallTime until = from + std::chrono::seconds(seconds);
  Lateness lateness(from, until);

  const auto no_op = [&](NativeContext&) -> Result<StepEnd> {
    lateness.add(due_here, ordered_here, clock.wall_now());
    return StepEnd::completed;
  };
  ConfiguredWork configured(config, stores, clock, log, settings.id, [&](const JobConfig&, RunStores&, Duration) {
    std::vector<std::unique_ptr<Step>> steps;
    steps.push_back(make_native_step({"nothing"}, no_op));
    return Result<std::vector<std::unique_ptr<Step>>>(std::move(steps));
  });
  TimedWork work(configured, clock);
  LateLeaseStore leases([&] { return stores.lease_store(); });
  ReplicaParts parts;
  parts.leases = &leases;
  parts.open_replicas = [&]() -> Result<std::unique_ptr<Replicas>> {
    BATON_TRY(auto repository, stores.repository(RepositoryAccess::create));
    return std::make_unique<OwnedReplicas>(std::move(repository), nullptr);
  };
  parts.work = &work;
  parts.clock = &clock;
  parts.random = &random;
  parts.tell = [&](const Tell& line) { log.info(line.text); };
  std::stop_source stop;
  std::thread replica([&] { run_replica(settings, parts, stop.get_token()); });
  clock.wait_until(clock.now() + std::chrono::seconds(warm_up), {});
  const std::size_t owned = work.owned();
  const double cpu_before = cpu_seconds();
  clock.wait_until(clock.now() + std::chrono::seconds(seconds), {});
  const double cpu = cpu_seconds() - cpu_before;
  stop.request_stop();
  replica.join();
  if (owned < settings.jobs.size()) {
    fmt::print("  only {} of {} jobs were owned when the measured time began\n", owned, settings.jobs.size());
  }
  lateness.print(cpu);
  return owned < settings.jobs.size() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: bench_start_lateness CONFIG WARM_UP_SECONDS SECONDS\n");
    return 2;
  }
  const Config config = config_or_exit(argv[1]);
  return measure(config, std::atoi(argv[2]), std::atoi(argv[3]));
}

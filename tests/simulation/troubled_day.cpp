#include "tests/simulation/troubled_day.h"

#include "tests/simulation/chance.h"
#include "tests/simulation/monitored_day.h"

#include <fmt/format.h>

namespace baton {
namespace {

using namespace std::chrono_literals;

constexpr int jobs = 5;
constexpr std::size_t machines = 3;

class TroubledDay {
 public:
  TroubledDay(std::uint64_t seed, const MonitorBugs& bugs)
      : random_(seed * 0x9E3779B97F4A7C15ULL + 3), plan_(plan_of_day(seed)), day_(plan_, bugs, without_the_last()) {}

  TroubledDayReport run() {
    if (watch(10min); !day_.open_alerts().empty()) return report("an alert though nothing has happened yet");
    for (int episode = 0; episode < 6 && !day_.violation(); ++episode) {
      switch (below(random_, 3)) {
        case 0: short_of_tokens(); break;
        case 1: update_with_a_job_that_fails(); break;
        default: disturb_monitors();
      }
      watch(6min);
      if (!day_.open_alerts().empty()) {
        const Alert alert = day_.open_alerts().front();
        return report(fmt::format("not over though all is well: {} {}: {}", alert.kind, alert.subject, alert.text));
      }
    }
    return report({});
  }

 private:
  // The last job fails whenever it runs.
  static SimulationPlan plan_of_day(std::uint64_t seed) {
    SimulationPlan plan = calm_day(seed, 2, jobs + 1);
    plan.jobs.back().chunk_fails = 1;
    return plan;
  }
  std::vector<SimulatedJob> without_the_last() const { return {plan_.jobs.begin(), plan_.jobs.end() - 1}; }

  void watch(TrueTime time) { day_.watch_for(time); }
  TrueTime a_while(TrueTime least, TrueTime most) { return between(random_, least, most); }
  std::size_t some_machine() { return static_cast<std::size_t>(below(random_, machines)); }

  void disturb_monitors() {
    const std::string monitor = chance(random_, 0.5) ? "m1" : "m2";
    ReplicaProcess* holder = day_.owner_of(monitor);
    if (holder == nullptr) return;
    const auto machine = static_cast<std::size_t>(holder->host().number);
    switch (below(random_, 4)) {
      case 0: day_.fleet().crash(machine, a_while(1s, 10s)); break;
      case 1: day_.fleet().pause(machine, a_while(25s, 60s)); break;
      default: day_.hang(monitor, a_while(1min, 4min));
    }
  }

  // With one replica less, a job has no owner.
  void short_of_tokens() {
    day_.fleet().crash(some_machine(), 9min);
    watch(1min);
    for (int times = 0; times < 3; ++times) {
      disturb_monitors();
      watch(a_while(1min, 2min));
    }
    watch(5min);
  }

  // A rolling update that takes its time, with a new job in it; then one that mends the job; then one without it.
  void update_with_a_job_that_fails() {
    std::vector<SimulatedJob> all = plan_.jobs;
    update(all);
    all.back().chunk_fails = 0;
    update(all);
    watch(2min);
    update(without_the_last());
  }

  void update(std::vector<SimulatedJob> to) {
    day_.fleet().configure(std::move(to));
    for (std::size_t machine = 0; machine < machines; ++machine) {
      day_.fleet().update(machine);
      watch(a_while(30s, 90s));
      if (chance(random_, 0.5)) disturb_monitors();
      watch(a_while(30s, 90s));
    }
  }

  TroubledDayReport report(const std::string& otherwise) const {
    TroubledDayReport report;
    report.violation = day_.violation();
    if (!report.violation && !otherwise.empty()) report.violation = otherwise;
    report.replica_hours = day_.replica_hours();
    return report;
  }

  SeededRandom random_;
  const SimulationPlan plan_;
  MonitoredDay day_;
};

}  // namespace

TroubledDayReport troubled_day(std::uint64_t seed, const MonitorBugs& bugs) { return TroubledDay(seed, bugs).run(); }

}  // namespace baton

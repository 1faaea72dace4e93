#include "tests/simulation/health.h"

#include "replica/fair_share.h"

#include <fmt/format.h>
#include <algorithm>
#include <limits>

namespace baton {
namespace {

TrueTime period_of(const SimulatedJob& job) {
  const auto& when = job.settings.schedule.when;
  Duration period(60'000);  // cron's, at most
  if (const auto* delay = std::get_if<FixedDelaySchedule>(&when)) period = delay->delay;
  if (const auto* rate = std::get_if<FixedRateSchedule>(&when)) period = rate->rate;
  return period + job.settings.schedule.jitter + job.settings.schedule.initial_delay;
}

bool owns(const ReplicaProcess& process, const std::string& job) {
  const JobPhase phase = process.core().phase(job);
  return phase == JobPhase::idle || phase == JobPhase::running;
}

class HealthCheck {
 public:
  explicit HealthCheck(Simulation& simulation)
      : simulation_(simulation),
        world_(simulation.world()),
        bounds_(health_bounds(world_.plan)),
        began_(world_.queue.now()),
        looked_at_(began_) {}

  void run() {
    for (const SimulatedJob& job : jobs()) completed_[name(job)] = world_.repository.completed_of(name(job));
    await(bounds_.owned, "P6: unowned after healing", [this] { return too_few_owned(); });
    await(bounds_.completed, "runs: not completed after healing", [this] { return not_completed(); });
    await(bounds_.closed, "P16: open without an owner after healing", [this] { return open_without_owner(); });
    await(bounds_.balanced, "P20: unequal shares after healing", [this] { return restless(); });
  }

 private:
  const std::vector<SimulatedJob>& jobs() const { return simulation_.fleet().jobs(); }
  static const std::string& name(const SimulatedJob& job) { return job.settings.name; }

  // Until `problem` is empty, at most until `bound` after healing.
  void await(TrueTime bound, std::string_view what, const std::function<std::string()>& problem) {
    if (world_.trace.violation()) return;
    std::string found = problem();
    while (!found.empty()) {
      if (looked_at_ > began_ + bound) {
        world_.trace.violated(fmt::format("{} for {} s: {}", what, bound.count() / 1'000'000, found));
        return;
      }
      const TrueTime step = std::max(TrueTime(world_.plan.timings.refresh) / 2, TrueTime(1'000));
      looked_at_ += step;
      if (!simulation_.run_until(looked_at_)) return;
      found = problem();
    }
    world_.trace.event("came right", what);
  }

  std::string too_few_owned() const {
    std::string unowned;
    std::int64_t owned = 0;
    std::int64_t tokens = 0;
    const auto alive = simulation_.fleet().alive();
    for (const ReplicaProcess* process : alive) tokens += process->settings().tokens;
    for (const SimulatedJob& job : jobs()) {
      if (std::any_of(alive.begin(), alive.end(), [&](const ReplicaProcess* one) { return owns(*one, name(job)); })) {
        ++owned;
      } else {
        unowned += name(job) + " ";
      }
    }
    return owned >= std::min<std::int64_t>(tokens, static_cast<std::int64_t>(jobs().size())) ? "" : unowned;
  }

  std::string not_completed() const {
    std::string left;
    const auto alive = simulation_.fleet().alive();
    for (const SimulatedJob& job : jobs()) {
      const bool owned =
          std::any_of(alive.begin(), alive.end(), [&](const ReplicaProcess* one) { return owns(*one, name(job)); });
      if (owned && world_.repository.completed_of(name(job)) <= completed_.at(name(job))) left += name(job) + " ";
    }
    return left;
  }

  std::string open_without_owner() const {
    std::string open;
    for (const std::string& job : world_.repository.jobs_seen()) {
      if (world_.repository.open_executions(job).empty()) continue;
      const LeaseTruth& truth = world_.leases.truth(job);
      if (truth.released || simulation_.fleet().find(truth.owner) == nullptr) open += job + " ";
    }
    return open;
  }

  std::string restless() {
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    std::int64_t most = 0;
    std::string shares;
    for (const ReplicaProcess* process : simulation_.fleet().alive()) {
      const std::int64_t owned = process->core().tokens_used();
      least = std::min(least, owned);
      most = std::max(most, owned);
      shares += fmt::format("{}: {} ", process->id(), owned);
    }
    const std::int64_t moves = world_.leases.changes() + world_.repository.run_counts().offers;
    const auto replicas = static_cast<std::int64_t>(simulation_.fleet().alive().size());
    const std::int64_t target = fair_target(static_cast<std::int64_t>(jobs().size()), 0, replicas, most);
    const bool fair = world_.plan.balance == Balance::greedy || most <= target || most - least <= 1;
    if (!fair || moves != moves_) {
      moves_ = moves;
      quiet_since_ = looked_at_;
    }
    if (!fair) return shares;
    return looked_at_ - quiet_since_ >= bounds_.silence ? "" : "leases still move: " + shares;
  }

  Simulation& simulation_;
  Surroundings& world_;
  const HealthBounds bounds_;
  const TrueTime began_;
  TrueTime looked_at_;
  std::map<std::string, std::int64_t> completed_;
  std::int64_t moves_ = -1;
  TrueTime quiet_since_{0};
};

}  // namespace

// owned: what is under way when the faults end is given up after max(H, D) and drained (a run stops at its next chunk,
//   which takes one piece of work); a silent owner's lease is seen within R and expires L after that; in the worst case
//   every replica is in back-off from an earlier failure, 300 s at most (P8); a job that is offered, or that only
//   replicas above their target could take, waits 3 R more; a P16 closer may be in between: 3 R + L; becoming the owner
//   takes allowances. A listing that is answered late doubles R.
// completed: then up to two due times and a run; after an error nothing starts for up to 60 s; the run that was left
//   unfinished and the restarts that a person asked for come before: five runs.
// closed: P16 waits L + 3 R, and its closers have the same back-off.
// balanced: each offer takes up to 3 R + R; one by one; a replica that let an offer pass gets none for up to 900 s.
HealthBounds health_bounds(const SimulationPlan& plan) {
  const TrueTime lease = plan.timings.lease;
  const TrueTime refresh = plan.timings.refresh;
  const TrueTime timeout = std::max(plan.timings.heartbeat, plan.database_timeout);
  const TrueTime allowances = 40 * (plan.database_network.latency + plan.lease_network.latency);
  TrueTime longest_work{0};
  TrueTime longest_run{0};
  TrueTime longest_period{0};
  for (const SimulatedJob& job : plan.jobs) {
    for (const SimulatedStep& step : job.steps) longest_work = std::max(longest_work, TrueTime(step.work));
    longest_run = std::max(longest_run, longest_run_of(job, plan));
    longest_period = std::max(longest_period, period_of(job));
  }
  HealthBounds bounds;
  bounds.owned = std::chrono::seconds(300) + 2 * timeout + longest_work + 3 * lease + 10 * refresh + allowances;
  bounds.completed = bounds.owned + std::chrono::seconds(60) + 2 * longest_period + 5 * longest_run;
  bounds.closed = bounds.completed + std::chrono::seconds(300) + 2 * lease + 8 * refresh + allowances;
  bounds.silence = 8 * lease + 20 * refresh;
  const auto rounds = static_cast<std::int64_t>(plan.jobs.size());
  bounds.balanced = bounds.closed + std::chrono::seconds(900) + rounds * (5 * refresh + longest_run) + bounds.silence;
  return bounds;
}

void check_health(Simulation& simulation) { HealthCheck(simulation).run(); }

}  // namespace baton

#include "app/global_monitors.h"

#include "app/late_lease_store.h"
#include "app/overview_source.h"
#include "base/duration.h"
#include "lease/probe_name.h"
#include "monitor/global_monitor.h"
#include "monitor/look_times.h"
#include "runtime/lock_probe.h"

#include <fmt/format.h>

namespace baton {
namespace {

constexpr Duration for_ever(100LL * 365 * 86'400'000);

MonitorSettings settings_of(const Config& config, const MonitorConfig& monitor) {
  MonitorSettings settings;
  settings.name = *monitor.name;
  settings.grace = config.monitoring.grace;
  settings.paused_long = config.monitoring.paused;
  settings.differ_long = config.monitoring.differ;
  for (const MonitorConfig& other : config.monitoring.monitors) {
    if (*other.name != *monitor.name) settings.others.emplace_back(*other.name, other.every);
  }
  return settings;
}

// Another one takes over as soon as a lease of the jobs' own length is over; looking more often is not worth the reads.
LeaseTimings timings_of(const Config& config) {
  return {*config.locks.lease, *config.locks.heartbeat, std::max(*config.locks.refresh, *config.locks.heartbeat)};
}

}  // namespace

class GlobalMonitors::Watcher {
 public:
  Watcher(const CommandContext& context, const MonitorConfig& config, std::string replica, TickedLeaseStore& leases,
          LeaseKeeper& keeper, AlertDesk& desk, MonitoringBoard& board, Pings& pings)
      : context_(context),
        config_(config),
        replica_(std::move(replica)),
        leases_(leases),
        keeper_(keeper),
        desk_(desk),
        board_(board),
        pings_(pings),
        probe_(leases, context.clock, context.random, config.lease, probe_name(replica_ + "/" + *config.name)) {
    for (const JobConfig& job : context.config.jobs) locks_.push_back(*job.name);
    thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  }

 private:
  const std::string& name() const { return *config_.name; }

  void watch(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto lease = keeper_.take(name(), for_ever, stop);
      if (!lease) {
        tell_once(lease.error().message);
        context_.clock.wait_until(context_.clock.now() + *context_.config.locks.heartbeat, stop);
        continue;
      }
      context_.log.info(fmt::format("monitor {}: looks every {}", name(), to_text(config_.every)));
      look_while_mine(**lease, stop);
      board_.lost(name());
      static_cast<void>(keeper_.release(name()));
    }
  }

  // What was seen before the lease was had may be old: expiry is watched anew.
  void look_while_mine(const LeaseHold& lease, const std::stop_token& stop) {
    OverviewSource source(context_.config, context_.stores, context_.clock);
    GlobalMonitor monitor(settings_of(context_.config, config_));
    repository_.reset();
    LookTimes times(config_.every, context_.clock.now());
    tick();
    while (!stop.stop_requested() && context_.clock.now() < lease.trusted_until()) {
      const Status looked = look(source, monitor, times.is_round(), stop);
      if (looked) {
        told_.clear();
        if (times.is_round()) pings_.tell_pass();
      } else if (!stop.stop_requested()) {
        repository_.reset();
        tell_once(looked.error().message);
      }
      times.looked(looked ? monitor.changes_at() : std::nullopt, context_.clock.now());
      wait_until(times.next(), lease, stop);
    }
  }

  // A loop that hangs longer than that loses the lease: it is renewed while this is called.
  void tick() {
    const Duration lease = *context_.config.locks.lease;
    leases_.tick(name(), context_.clock.now() + std::max(live_within(lease), config_.every));
  }

  void wait_until(Instant next, const LeaseHold& lease, const std::stop_token& stop) {
    Instant now = context_.clock.now();
    while (now < next && now < lease.trusted_until() && !stop.stop_requested()) {
      tick();
      context_.clock.wait_until(std::min<Instant>(next, now + *context_.config.locks.heartbeat), stop);
      now = context_.clock.now();
    }
    tick();
  }

  Status look(OverviewSource& source, GlobalMonitor& monitor, bool round, const std::stop_token& stop) {
    if (repository_ == nullptr || !repository_->usable()) {
      BATON_TRY(repository_, context_.stores.repository(RepositoryAccess::existing));
    }
    const Instant began = context_.clock.now();
    MonitorFacts facts;
    facts.round = round;
    if (config_.probe == ProbeKind::acquire) {
      BATON_TRY(facts.probed_idle, probe_.idle(locks_, stop));
    }
    tick();
    // Before the rest: what its owner ends meanwhile is then not begun again by what was read before it ended.
    MonitorAlerts alerts;
    BATON_TRY(alerts.open, repository_->alerts().open());
    BATON_TRY(OverviewFacts overview, source.facts(alerts));
    facts.open = *std::move(alerts.open);
    facts.passes = std::move(alerts.passes);
    const WallTime now = overview.view.now;
    const std::vector<ReplicaRow> replicas = overview.view.replicas;
    const std::vector<FoundTrouble> findings = monitor.look(std::move(overview), facts, context_.clock.now());
    BATON_CHECK(desk_.tell_for_others(repository_->alerts(), replicas, now));
    AlertRules rules;
    rules.mine = [&](const Alert& alert) { return monitor.judges(alert); };
    rules.why_over = [&](const Alert& alert) { return monitor.why_over(alert); };
    BATON_CHECK(desk_.write(repository_->alerts(), facts.open, findings, std::move(rules), now));
    const MonitorPass pass{name(), replica_, config_.every, now};
    BATON_CHECK(repository_->alerts().note_pass(pass));
    // Once more: what of the changes took effect, and what others wrote meanwhile, is shown now, not a pass later.
    BATON_TRY(const std::vector<Alert> open, repository_->alerts().open());
    facts.passes.push_back(pass);
    board_.looked(name(), open, facts.passes, monitor.health());
    board_.timed(name(), began, context_.clock.now());
    return {};
  }

  void tell_once(const std::string& error) {
    if (std::exchange(told_, error) == error) return;
    context_.log.warn(fmt::format("monitor {}: {}; trying again", name(), error));
  }

  const CommandContext& context_;
  const MonitorConfig& config_;
  const std::string replica_;
  TickedLeaseStore& leases_;
  LeaseKeeper& keeper_;
  AlertDesk& desk_;
  MonitoringBoard& board_;
  Pings& pings_;
  LockProbe probe_;
  std::vector<std::string> locks_;
  std::unique_ptr<Repository> repository_;
  std::string told_;
  std::jthread thread_;
};

GlobalMonitors::GlobalMonitors(const CommandContext& context, const std::string& replica, AlertDesk& desk,
                               MonitoringBoard& board, Pings& pings) {
  if (context.config.monitoring.monitors.empty()) return;
  store_ = std::make_unique<LateLeaseStore>([&context] { return context.stores.untried_lease_store(); });
  leases_ = std::make_unique<TickedLeaseStore>(*store_, context.clock);
  keeper_ = std::make_unique<LeaseKeeper>(*leases_, context.clock, context.random, timings_of(context.config), replica,
                                          [&log = context.log](const std::string& text) { log.debug(text); });
  for (const MonitorConfig& monitor : context.config.monitoring.monitors) {
    watchers_.push_back(std::make_unique<Watcher>(context, monitor, replica, *leases_, *keeper_, desk, board, pings));
  }
}

GlobalMonitors::~GlobalMonitors() = default;

}  // namespace baton

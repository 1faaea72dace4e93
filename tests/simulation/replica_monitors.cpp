#include "tests/simulation/replica_monitors.h"

#include "lease/probe_name.h"
#include "lease/take_lease.h"
#include "monitor/look_times.h"
#include "runtime/lock_probe.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {
namespace {

constexpr Duration at_once(1'000);
constexpr Duration shortest_live_within(10'000);
constexpr Duration probe_lease(2'000);

}  // namespace

// The lease store as it is reached when nothing fails.
class ReplicaMonitors::Leases final : public LeaseStore {
 public:
  explicit Leases(LeaseServer& server) : server_(server) {}

  Result<std::string> identity(Duration /*timeout*/) override { return std::string("simulated"); }
  Result<std::optional<LeaseRecord>> read(const std::string& key, Duration /*timeout*/) override {
    return server_.read(key);
  }
  Result<std::vector<LeaseRecord>> list(Duration /*timeout*/) override { return server_.list(); }
  Status take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen, Duration /*timeout*/) override {
    return server_.take(mine, seen);
  }
  std::vector<Status> renew(std::span<const LeaseRenewal> renewals, Duration /*timeout*/) override {
    return server_.renew({renewals.begin(), renewals.end()});
  }
  Status release(const std::string& key, const std::string& owner_name, const std::string& version,
                 Duration /*timeout*/) override {
    return server_.release(key, owner_name, version);
  }

 private:
  LeaseServer& server_;
};

std::vector<std::string> Monitoring::write(const std::vector<AlertChange>& changes) {
  std::vector<std::string> told;
  for (const Notice& notice : notices_of(changes, alerts.write(changes).value())) {
    if (notice.event == Notice::Event::reminder) continue;
    told.push_back(fmt::format("{} {} {}", name(notice.event), notice.alert.kind, notice.alert.subject));
  }
  return told;
}

struct ReplicaMonitors::Watcher {
  std::string name;
  LeaseObserver holders;  // of the lease that it waits for
  Instant try_at{Instant::min()};
  std::optional<HeldLease> lease;
  std::optional<GlobalMonitor> monitor;    // while it has the lease
  std::optional<GlobalMonitor> forgetful;  // the same; finds in its place
  LeaseObserver observer;                  // the same
  std::optional<LookTimes> times;          // the same
  std::optional<LockProbe> probe;          // of one that acquires
  TrueTime hangs_until{0};
};

ReplicaMonitors::ReplicaMonitors(Monitoring& shared, ReplicaProcess& process)
    : shared_(shared),
      process_(process),
      random_(shared.world.plan.seed * 1'000 + static_cast<std::uint64_t>(process.settings().pid)),
      leases_(std::make_unique<Leases>(shared.world.leases)),
      ticked_(*leases_, process.clock()) {
  for (const std::string& name : shared.names) {
    watchers_.push_back(std::make_unique<Watcher>());
    watchers_.back()->name = name;
    if (!shared.probing.contains(name)) continue;
    watchers_.back()->probe.emplace(ticked_, process.clock(), random_, probe_lease,
                                    probe_name(process.id() + "/" + name));
  }
}

ReplicaMonitors::~ReplicaMonitors() = default;

const ReplicaMonitors::Watcher& ReplicaMonitors::watcher(const std::string& monitor) const {
  return **std::find_if(watchers_.begin(), watchers_.end(), [&](const auto& one) { return one->name == monitor; });
}

void ReplicaMonitors::hang(const std::string& monitor, TrueTime until) {
  for (const auto& one : watchers_) {
    if (one->name == monitor) one->hangs_until = until;
  }
}

bool ReplicaMonitors::hangs(const std::string& monitor) const {
  return shared_.world.queue.now() < watcher(monitor).hangs_until;
}

Instant ReplicaMonitors::next_look() const {
  Instant next = Instant::max();
  for (const auto& one : watchers_) {
    if (one->lease && !hangs(one->name)) next = std::min(next, one->times->next());
  }
  return next;
}

bool ReplicaMonitors::holds(const std::string& monitor) const { return watcher(monitor).lease.has_value(); }

std::vector<std::string> ReplicaMonitors::step() {
  std::vector<std::string> told;
  for (const auto& one : watchers_) {
    Watcher& watcher = *one;
    keep(watcher);
    if (hangs(watcher.name)) continue;
    if (process_.stopping()) {
      if (watcher.lease) {
        static_cast<void>(ticked_.release(watcher.name, process_.id(), watcher.lease->record().version, at_once));
      }
      watcher.lease.reset();
      continue;
    }
    if (!watcher.lease) try_to_take(watcher);
    if (!watcher.lease) continue;
    tick(watcher);
    if (process_.boot_now() >= watcher.times->next()) look(watcher, told);
  }
  return told;
}

// As the thread of runtime/lease_keeper.h.
void ReplicaMonitors::keep(Watcher& watcher) {
  if (!watcher.lease) return;
  const Instant now = process_.boot_now();
  HeldLease& lease = *watcher.lease;
  switch (lease.next(now)) {
    case HeldLease::Step::renew: {
      const LeaseRenewal renewal = lease.begin_renewal(uuid(random_), now);
      lease.renewal_answered(ticked_.renew({&renewal, 1}, at_once).front(), now);
      break;
    }
    case HeldLease::Step::read_back:
      lease.begin_read_back();
      lease.read_back_answered(ticked_.read(watcher.name, at_once), now);
      break;
    case HeldLease::Step::release:
    case HeldLease::Step::none: break;
  }
  if (lease.over(now)) watcher.lease.reset();
}

// As LeaseKeeper::take().
void ReplicaMonitors::try_to_take(Watcher& watcher) {
  const Instant now = process_.boot_now();
  if (now < watcher.try_at) return;
  const LeaseTimings& timings = process_.settings().timings;
  watcher.try_at = now + std::max(timings.refresh, timings.heartbeat);
  const auto record = ticked_.read(watcher.name, at_once).value();
  const TakeDecision decision = decide_take(record, process_.id(), watcher.holders, now);
  LeaseRecord mine = record_to_take(watcher.name, process_.id(), timings.lease, uuid(random_), decision.seen);
  if (decision.kind == TakeDecision::Kind::wait) return;
  if (decision.kind == TakeDecision::Kind::mine) {
    const LeaseRenewal renewal{watcher.name, process_.id(), record->version, mine.version, timings.lease};
    tick(watcher);
    if (!ticked_.renew({&renewal, 1}, at_once).front()) return;
  } else if (!ticked_.take(mine, decision.seen, at_once)) {
    return;
  }
  watcher.lease.emplace(std::move(mine), now, timings);
  MonitorSettings settings{watcher.name, shared_.grace};
  settings.paused_long = shared_.paused_long;
  for (const std::string& other : shared_.names) {
    if (other != watcher.name) settings.others.emplace_back(other, shared_.every);
  }
  if (shared_.bugs.forgets_open_alerts) watcher.forgetful.emplace(settings);
  watcher.monitor.emplace(std::move(settings));
  watcher.observer = LeaseObserver();
  watcher.times.emplace(shared_.every, now);
}

void ReplicaMonitors::tick(const Watcher& watcher) {
  const Duration hang = std::max({process_.settings().timings.lease, shortest_live_within, shared_.every});
  ticked_.tick(watcher.name, shared_.bugs.renews_while_hung ? Instant::max() : process_.boot_now() + hang);
}

OverviewFacts ReplicaMonitors::facts(Watcher& watcher) {
  OverviewFacts facts;
  facts.settings = process_.settings();
  facts.repository_there = true;
  facts.monitors = {shared_.names.begin(), shared_.names.end()};
  facts.leases = shared_.world.leases.list().value();
  const Instant now = process_.boot_now();
  for (const LeaseRecord& lease : facts.leases) {
    watcher.observer.observe(lease, now);
    if (watcher.observer.expired(lease, now)) facts.expired.insert(lease.key);
  }
  facts.view = shared_.world.repository.look();
  for (const ReplicaJob& job : facts.settings.jobs) {
    if (auto run = shared_.world.repository.last_run(job.name)) facts.runs.emplace(job.name, *std::move(run));
  }
  return facts;
}

void ReplicaMonitors::look(Watcher& watcher, std::vector<std::string>& told) {
  const Instant now = process_.boot_now();
  GlobalMonitor& monitor = *watcher.monitor;
  const bool round = watcher.times->is_round();
  std::optional<std::set<std::string>> probed = probe(watcher);
  const OverviewFacts seen = facts(watcher);
  const WallTime wall = seen.view.now;
  const std::vector<Alert> open = shared_.alerts.open().value();
  MonitorFacts monitored{open, shared_.alerts.passes().value(), std::move(probed), round};
  auto findings = monitor.look(seen, monitored, now);
  if (watcher.forgetful) {
    monitored.open.clear();
    findings = watcher.forgetful->look(seen, monitored, now);
  }
  AlertRules rules;
  rules.teller = process_.id();
  rules.mine = [&](const Alert& alert) { return shared_.bugs.ends_what_it_cannot_see || monitor.judges(alert); };
  for (std::string& one : shared_.write(advance_alerts(open, findings, rules, wall))) told.push_back(std::move(one));
  static_cast<void>(shared_.alerts.note_pass({watcher.name, process_.id(), shared_.every, wall}));
  if (round) shared_.rounds[watcher.name] = shared_.world.queue.now();
  ++shared_.looks;
  watcher.times->looked(monitor.changes_at(), now);
}

// Absent where the monitor only observes.
std::optional<std::set<std::string>> ReplicaMonitors::probe(Watcher& watcher) {
  if (!watcher.probe) return std::nullopt;
  std::vector<std::string> locks;
  for (const ReplicaJob& job : process_.settings().jobs) locks.push_back(job.name);
  std::set<std::string> idle = watcher.probe->idle(locks, {}).value();
  shared_.probed += static_cast<std::int64_t>(idle.size());
  return idle;
}

}  // namespace baton

#include "tests/simulation/replica_process.h"

#include "tests/simulation/chance.h"
#include "tests/simulation/replica_hold.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace baton {

class ReplicaProcess::ProcessClock final : public Clock {
 public:
  explicit ProcessClock(ReplicaProcess& process) : process_(process) {}

  Instant now() const override { return process_.boot_now(); }
  WallTime wall_now() const override {
    return RepositoryServer::wall_at(process_.world_.queue.now() + process_.host_.wall_skew);
  }
  bool wait_until(Instant until, std::stop_token stop) override { return process_.stay_until(until, std::move(stop)); }

 private:
  ReplicaProcess& process_;
};

ReplicaProcess::ReplicaProcess(Surroundings& world, SimulatedHost& host, ReplicaSettings settings,
                               std::vector<SimulatedJob> jobs)
    : world_(world),
      host_(host),
      settings_(std::move(settings)),
      jobs_(std::move(jobs)),
      random_(world.random.bits()),
      clock_(std::make_unique<ProcessClock>(*this)),
      core_(settings_, random_) {}

ReplicaProcess::~ReplicaProcess() = default;

Clock& ReplicaProcess::clock() { return *clock_; }

Instant ReplicaProcess::boot_now() const {
  const double elapsed = static_cast<double>(world_.queue.now().count());
  TrueTime shown = host_.boot_offset + world_.queue.now() + TrueTime(static_cast<std::int64_t>(elapsed * host_.drift));
  if (world_.bugs.wall_clock_in_lease) shown += host_.wall_skew;
  return Instant(shown);
}

TrueTime ReplicaProcess::true_at(Instant instant) const {
  constexpr TrueTime longest = std::chrono::hours(24 * 365 * 20);
  const Instant::duration wait = instant - boot_now();
  if (instant == Instant::max() || wait > longest) return world_.queue.now() + longest;
  const double scaled = static_cast<double>(wait.count()) / (1.0 + host_.drift);
  return world_.queue.now() + std::max(TrueTime(static_cast<std::int64_t>(std::ceil(scaled)) + 1), TrueTime(0));
}

bool ReplicaProcess::trusts(const std::string& job) const {
  const HeldLease* lease = core_.lease(job);
  return lease != nullptr && lease->trusted(boot_now());
}

const SimulatedJob* ReplicaProcess::job(const std::string& name) const {
  const auto found =
      std::find_if(jobs_.begin(), jobs_.end(), [&](const SimulatedJob& one) { return one.settings.name == name; });
  return found == jobs_.end() ? nullptr : &*found;
}

// Its life.

void ReplicaProcess::start() {
  world_.trace.event("starts", id(), "tokens", settings_.tokens, "configuration", settings_.config_hash);
  post(TimePassed{});
}

void ReplicaProcess::shut_down() {
  if (std::exchange(stopping_, true)) return;
  world_.trace.event("is asked to end", id());
  deliver([this] { post(ShutdownAsked{}); });
}

void ReplicaProcess::crash() {
  if (!std::exchange(alive_, false)) return;
  world_.trace.event("dies", id());
  for (auto& [number, task] : tasks_) task.fiber->kill();
  tasks_.clear();
  working_on_.clear();
  tenures_.clear();
  kept_back_.clear();
  inbox_.clear();
  lease_line_.clear();
  repository_line_.clear();
}

void ReplicaProcess::pause() {
  if (!alive_ || std::exchange(paused_, true)) return;
  world_.trace.event("stands still", id());
}

// Threads that were stopped go on in any order.
void ReplicaProcess::go_on() {
  if (!alive_ || !std::exchange(paused_, false)) return;
  world_.trace.event("goes on", id());
  for (auto& what : std::exchange(kept_back_, {})) {
    world_.queue.after(between(world_.random, TrueTime(0), TrueTime(500)),
                       [this, what = std::move(what)] { deliver(what); });
  }
}

void ReplicaProcess::hang(TrueTime length) {
  if (!alive_ || std::exchange(hung_, true)) return;
  world_.trace.event("its loop hangs", id());
  world_.queue.after(length, [this] {
    deliver([this] {
      hung_ = false;
      world_.trace.event("its loop goes on", id());
      post(TimePassed{});
    });
  });
}

void ReplicaProcess::notice(const ChangesNoticed& changes) {
  deliver([this, changes] { post(changes); });
}

void ReplicaProcess::deliver(std::function<void()> what) {
  if (!alive_) return;
  if (paused_) {
    kept_back_.push_back(std::move(what));
    return;
  }
  what();
}

// Its decisions.

void ReplicaProcess::post(ReplicaEvent event) {
  if (!alive_) return;
  inbox_.push_back(std::move(event));
  if (hung_ || std::exchange(deciding_, true)) return;
  if (Fiber::current() == nullptr && !paused_) return decide();
  world_.queue.at(world_.queue.now(), [this] { deliver([this] { decide(); }); });
}

void ReplicaProcess::decide() {
  if (hung_) {
    deciding_ = false;
    return;
  }
  while (!inbox_.empty() && alive_) {
    const ReplicaEvent event = std::move(inbox_.front());
    inbox_.pop_front();
    const ReplicaActions actions = core_.on(event, boot_now());
    check_tokens();
    if (std::holds_alternative<LeasesRenewed>(event) || std::holds_alternative<LeaseTaken>(event)) check_trust();
    for (const ReplicaAction& action : actions) {
      if (alive_) std::visit([this](const auto& one) { carry_out(one); }, action);
    }
  }
  deciding_ = false;
  if (!alive_) return;
  ring();
  arm();
}

// A job that is only closed (P16) takes no token.
void ReplicaProcess::check_tokens() {
  std::set<std::string> busy;
  for (const SimulatedJob& job : jobs_) {
    const std::string& name = job.settings.name;
    const JobPhase phase = core_.phase(name);
    const bool works = works_on(name) && !closing_.contains(name);
    if (works || phase == JobPhase::idle || phase == JobPhase::running) busy.insert(name);
  }
  const auto used = std::max(static_cast<std::int64_t>(busy.size()), core_.tokens_used());
  if (used <= settings_.tokens) return;
  world_.trace.violated(fmt::format("tokens: {} uses {} of {}", id(), used, settings_.tokens));
}

// The others time the record from after its last write: trust that outlasts it there overlaps with theirs.
void ReplicaProcess::check_trust() {
  for (const SimulatedJob& job : jobs_) {
    const HeldLease* lease = core_.lease(job.settings.name);
    if (lease == nullptr || !lease->trusted(boot_now())) continue;
    const LeaseTruth& truth = world_.leases.truth(job.settings.name);
    if (truth.owner != id() || true_at(lease->trusted_until()) < truth.written + truth.duration) continue;
    world_.trace.violated(
        fmt::format("P3: {} trusts its lease of {} for longer than it lasts", id(), job.settings.name));
  }
}

// One alarm is on its way at a time, and it looks again when it comes.
void ReplicaProcess::arm() {
  const Instant next = core_.next_at();
  if (next == Instant::max()) return;
  const TrueTime when = true_at(next);
  if (armed_for_ && *armed_for_ <= when) return;
  armed_for_ = when;
  world_.queue.at(when, [this, alarm = ++alarm_] {
    deliver([this, alarm] {
      if (alarm != alarm_) return;
      armed_for_.reset();
      if (boot_now() < core_.next_at()) return arm();
      post(TimePassed{});
    });
  });
}

void ReplicaProcess::ring() {
  if (listening_.empty()) return;
  for (const std::uint64_t task : std::exchange(listening_, {})) {
    const auto found = tasks_.find(task);
    if (found != tasks_.end()) wake(task, found->second.sleep);
  }
}

// Its threads.

void ReplicaProcess::spawn(const std::string& job, std::function<void()> body) {
  const std::uint64_t number = ++last_task_;
  working_on_.insert(job);
  tasks_[number].fiber = std::make_unique<Fiber>([this, job, body = std::move(body)] {
    body();
    working_on_.erase(working_on_.find(job));
  });
  world_.queue.at(world_.queue.now(), [this, number] { deliver([this, number] { run_task(number); }); });
}

void ReplicaProcess::run_task(std::uint64_t number) {
  const auto found = tasks_.find(number);
  if (found == tasks_.end()) return;
  ++found->second.sleep;
  current_task_ = number;
  found->second.fiber->resume();
  if (alive_ && found->second.fiber->ended()) tasks_.erase(found);
}

void ReplicaProcess::wake(std::uint64_t number, std::uint64_t sleep) {
  deliver([this, number, sleep] {
    const auto found = tasks_.find(number);
    if (found != tasks_.end() && found->second.sleep == sleep) run_task(number);
  });
}

bool ReplicaProcess::stay_until(Instant until, std::stop_token stop) {
  if (stop.stop_requested()) return boot_now() >= until;
  const std::uint64_t task = current_task_;
  const std::uint64_t sleep = tasks_.at(task).sleep;
  const auto soon = [this, task, sleep](TrueTime when) {
    world_.queue.at(when, [this, task, sleep] { wake(task, sleep); });
  };
  if (until != Instant::max()) soon(true_at(until));
  const std::stop_callback on_stop(stop, [&] { soon(world_.queue.now()); });
  Fiber::current()->suspend();
  return boot_now() >= until;
}

CallFate ReplicaProcess::call(Link& link, Duration timeout, std::function<void(const Network::Answer&)> at_server) {
  const std::uint64_t task = current_task_;
  const std::uint64_t sleep = tasks_.at(task).sleep;
  const auto fate = std::make_shared<CallFate>(CallFate::unanswered);
  world_.network.call(link, timeout, std::move(at_server), [this, task, sleep, fate](CallFate became) {
    *fate = became;
    wake(task, sleep);
  });
  Fiber::current()->suspend();
  return *fate;
}

}  // namespace baton

#include "monitor/overview.h"

#include "base/duration.h"
#include "lease/probe_name.h"
#include "replica/time_words.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

namespace baton {
namespace {

constexpr std::array<std::string_view, 5> owner_state_names{"none", "live", "silent", "foreign", "unknown"};
constexpr std::array<std::string_view, 10> job_state_names{"idle",   "running", "stopping",  "taking_over", "paused",
                                                           "failed", "stopped", "held_back", "unowned",     "unknown"};

using Kind = OwnershipReason::Kind;

// The facts by name: a thousand jobs are each looked for among a thousand leases.
class Seen {
 public:
  explicit Seen(const OverviewFacts& facts) : facts_(facts) {
    for (const LeaseRecord& lease : facts.leases) leases_.emplace(lease.key, &lease);
    for (const JobControl& control : facts.view.jobs) controls_.emplace(control.job, &control);
    for (const ReplicaRow& row : facts.view.replicas) rows_.emplace(row.id, &row);
    const auto& jobs = facts.settings.jobs;
    foreign_ = std::count_if(jobs.begin(), jobs.end(), [this](const ReplicaJob& job) {
      const LeaseRecord* held = lease(job.name);
      return held != nullptr && holds(*held) && row(held->owner_name) == nullptr;
    });
  }

  const OverviewFacts& facts() const { return facts_; }
  WallTime now() const { return facts_.view.now; }
  // Null where there is none.
  const LeaseRecord* lease(const std::string& key) const { return find(leases_, key); }
  const JobControl* control(const std::string& job) const { return find(controls_, job); }
  const ReplicaRow* row(const std::string& replica) const { return find(rows_, replica); }
  std::int64_t foreign() const { return foreign_; }  // jobs that are held by owners that are not replicas

  // A lease that was seen not to be renewed is nobody's (P2), however its owner lives: any replica may take it.
  bool holds(const LeaseRecord& lease) const {
    return !lease.released && !is_probe(lease.owner_name) && !facts_.expired.contains(lease.key);
  }

 private:
  template <class T>
  using ByName = std::unordered_map<std::string_view, const T*>;

  template <class T>
  static const T* find(const ByName<T>& all, const std::string& name) {
    const auto found = all.find(name);
    return found == all.end() ? nullptr : found->second;
  }

  const OverviewFacts& facts_;
  ByName<LeaseRecord> leases_;
  ByName<JobControl> controls_;
  ByName<ReplicaRow> rows_;
  std::int64_t foreign_ = 0;
};

OwnershipReason judge_owner(const Seen& seen, const JobOverview& job) {
  const OverviewFacts& facts = seen.facts();
  if (facts.leases_away) return {Kind::unknown, "", "the leases cannot be read"};
  OwnershipFacts asked;
  asked.job = job.job;
  if (job.lease && seen.holds(*job.lease)) asked.lease = job.lease;
  asked.control = job.control ? &*job.control : nullptr;
  asked.replicas = facts.view.replicas;
  asked.now = facts.view.now;
  asked.config_hash = facts.settings.config_hash;
  asked.jobs = static_cast<std::int64_t>(facts.settings.jobs.size());
  asked.foreign = seen.foreign();
  OwnershipReason reason = ownership_reason(asked);
  // Seen not to be renewed by this one, but each replica watches for itself.
  if (reason.kind == Kind::not_tried && !asked.lease && job.lease && !job.lease->released) {
    const ReplicaRow* const row = seen.row(job.lease->owner_name);
    reason.text =
        fmt::format("its owner {}: a replica takes it when it has watched the lease for {}",
                    row != nullptr && looks_live(*row, seen.now()) ? "lives, but does not renew it" : "is silent",
                    to_text(job.lease->lease_duration));
  }
  return reason;
}

OwnerState owner_state(Kind kind) {
  switch (kind) {
    case Kind::owned: return OwnerState::live;
    case Kind::foreign_owner: return OwnerState::foreign;
    case Kind::silent_owner: return OwnerState::silent;
    case Kind::unknown: return OwnerState::unknown;
    default: return OwnerState::none;
  }
}

bool owned(const JobOverview& job) {
  return job.owner_state == OwnerState::live || job.owner_state == OwnerState::foreign;
}

bool runs(const JobOverview& job) { return job.state == JobState::running || job.state == JobState::stopping; }

JobState running_state(const JobOverview& job) {
  const JobExecution& run = *job.newest;
  if (job.lease && !run.replica.empty() && run.replica != job.lease->owner_name) return JobState::taking_over;
  const bool asked = job.control && job.control->stop_instance == run.instance_id;
  return asked || run.status == BatchStatus::stopping ? JobState::stopping : JobState::running;
}

// Without the leases: as the repository says it, unless the replica that ran it shows no sign of life.
JobState unleased_state(const Seen& seen, const JobOverview& job) {
  if (job.newest && is_running(job.newest->status)) {
    const ReplicaRow* const row = seen.row(job.newest->replica);
    return row == nullptr || looks_live(*row, seen.now()) ? running_state(job) : JobState::unknown;
  }
  return job.control && job.control->paused(seen.now()) ? JobState::paused : JobState::idle;
}

JobState state_of(const Seen& seen, const JobOverview& job) {
  if (job.owner_state == OwnerState::unknown) return unleased_state(seen, job);
  if (owned(job) && job.newest && is_running(job.newest->status)) return running_state(job);
  if (job.control && job.control->paused(seen.now()) && job.owner_state != OwnerState::silent) return JobState::paused;
  return owned(job) ? JobState::idle : JobState::unowned;
}

std::string pause_text(const Pause& pause, WallTime now) {
  return fmt::format("paused by {}{}{}{}", pause.by, pause.reason.empty() ? "" : ": ", pause.reason,
                     pause.until ? ", until " + time_in_words(*pause.until, now) : "");
}

// Of an owned job that does not run: what became of its last run, where that decides how it goes on.
JobState resting_state(const JobOverview& job) {
  if (job.next.stuck) return JobState::held_back;
  if (!job.last || !job.last->unfinished) return JobState::idle;
  const StartReason next = job.next.order.reason;
  if (job.next.at && (next == StartReason::request || next == StartReason::carry_on)) return JobState::idle;
  if (job.last->status == BatchStatus::failed) return JobState::failed;
  return job.last->status == BatchStatus::stopped ? JobState::stopped : JobState::idle;
}

std::string waits_for(const NextStart& next, WallTime now) {
  if (!next.at) return "waits for restart, trigger or abandon";
  if (next.order.reason == StartReason::restart) return "restarts at " + time_in_words(*next.at, now);
  return "carried on at its next due time";
}

std::string reason_of(const JobOverview& job, WallTime now) {
  switch (job.state) {
    case JobState::failed:
    case JobState::stopped: return waits_for(job.next, now);
    case JobState::unowned: return job.ownership.text;
    case JobState::unknown: return fmt::format("{} ran it, and is silent", job.newest->replica);
    case JobState::held_back: return job.next.why_not;
    case JobState::paused: return pause_text(*job.control->pause, now);
    default: return "";
  }
}

// What starts next. While it runs: as if the run had just ended well.
void add_next(const ReplicaJob& configured, WallTime now, JobOverview& job) {
  JobControl control;
  control.job = job.job;
  control.first_seen = now;
  if (job.control) control = *job.control;
  std::optional<LastRun> last = job.last;
  if (runs(job)) {
    last->unfinished = false;
    last->ended = now;
  }
  job.next = next_start({configured, control, last, now});
  if (runs(job) && job.next.at) {
    job.after_this_run =
        control.request.has_value() || std::holds_alternative<FixedDelaySchedule>(configured.schedule.when);
    if (job.after_this_run) job.next.at.reset();
  }
  if (job.state == JobState::idle) job.state = resting_state(job);
}

void add_health(const OverviewFacts& facts, const ReplicaJob& configured, JobOverview& job) {
  const auto run = facts.runs.find(job.job);
  const auto held = facts.held_until.find(job.job);
  HealthFacts asked{configured, job.control ? &*job.control : nullptr,
                    run == facts.runs.end() ? nullptr : &run->second};
  asked.running = runs(job);
  asked.stalled = facts.stalled.contains(job.job);
  asked.now = facts.view.now;
  if (held != facts.held_until.end()) asked.held_until = held->second;
  job.health = judge_health(asked);
}

void add_runs(const OverviewFacts& facts, JobOverview& job) {
  const auto run = facts.runs.find(job.job);
  if (run == facts.runs.end()) return;
  job.last = last_run_of(run->second);
  if (!run->second.executions.empty()) job.newest = run->second.executions.front();
  if (job.newest && !is_running(job.newest->status)) {
    job.ended = job.newest;
  } else if (const auto ended = facts.ended.find(job.job); ended != facts.ended.end()) {
    job.ended = ended->second;
  }
}

JobOverview look_at(const Seen& seen, const std::string& name, const ReplicaJob* configured) {
  const OverviewFacts& facts = seen.facts();
  JobOverview job;
  job.job = name;
  job.configured = configured != nullptr;
  if (configured != nullptr) {
    job.schedule = configured->schedule;
    job.restarts = configured->restarts;
  }
  if (const LeaseRecord* lease = seen.lease(name)) job.lease = *lease;
  if (const JobControl* control = seen.control(name)) job.control = *control;
  add_runs(facts, job);
  job.ownership = judge_owner(seen, job);
  job.owner_state = owner_state(job.ownership.kind);
  job.state = state_of(seen, job);
  if (configured != nullptr) {
    add_next(*configured, seen.now(), job);
    add_health(facts, *configured, job);
  }
  job.reason = reason_of(job, seen.now());
  return job;
}

void add_replicas(const OverviewFacts& facts, Overview& overview) {
  for (const ReplicaRow& row : facts.view.replicas) {
    ReplicaOverview replica;
    replica.row = row;
    replica.live = looks_live(row, facts.view.now);
    replica.same_configuration = row.config_hash == facts.settings.config_hash;
    if (facts.leases_away) replica.owned = row.owned;
    for (const JobOverview& job : overview.jobs) {
      const bool ran = facts.leases_away && runs(job) && job.newest->replica == row.id;
      if (job.owner() != row.id && !ran) continue;
      if (!facts.leases_away) ++replica.owned;
      replica.running += runs(job) ? 1 : 0;
    }
    if (replica.live) {
      ++overview.live_replicas;
      overview.live_tokens += row.tokens;
      overview.configurations_differ |= !replica.same_configuration;
    }
    overview.replicas.push_back(std::move(replica));
  }
}

}  // namespace

std::string_view name(OwnerState state) { return owner_state_names[static_cast<std::size_t>(state)]; }
std::string_view name(JobState state) { return job_state_names[static_cast<std::size_t>(state)]; }

const JobOverview* Overview::job(const std::string& name) const {
  const auto found = std::find_if(jobs.begin(), jobs.end(), [&](const JobOverview& one) { return one.job == name; });
  return found == jobs.end() ? nullptr : &*found;
}

Overview make_overview(const OverviewFacts& facts) {
  Overview overview;
  overview.now = facts.view.now;
  overview.repository_there = facts.repository_there;
  overview.leases_away = facts.leases_away;
  overview.configured_jobs = static_cast<std::int64_t>(facts.settings.jobs.size());
  const Seen seen(facts);
  std::unordered_set<std::string_view> configured;
  overview.jobs.reserve(facts.settings.jobs.size());
  for (const ReplicaJob& job : facts.settings.jobs) {
    configured.insert(job.name);
    overview.jobs.push_back(look_at(seen, job.name, &job));
  }
  for (const LeaseRecord& lease : facts.leases) {
    if (!seen.holds(lease) || configured.contains(lease.key) || facts.monitors.contains(lease.key)) continue;
    overview.jobs.push_back(look_at(seen, lease.key, nullptr));
  }
  for (const std::string& monitor : facts.monitors) {
    if (configured.contains(monitor)) continue;
    const LeaseRecord* const lease = seen.lease(monitor);
    std::optional<std::string> owner;
    if (!facts.leases_away) owner = lease != nullptr && seen.holds(*lease) ? lease->owner_name : "";
    overview.monitors.push_back({monitor, std::move(owner)});
  }
  add_replicas(facts, overview);
  return overview;
}

}  // namespace baton

#include "monitor/self_monitor.h"

#include "batch/last_run.h"
#include "monitor/job_troubles.h"
#include "replica/next_start.h"
#include "replica/ownership_reason.h"

#include <algorithm>
#include <array>

namespace baton {
namespace {

// What of a job the repository alone says.
constexpr std::array own_troubles{Trouble::overdue, Trouble::failing, Trouble::held_back, Trouble::stalled,
                                  Trouble::paused_long};

bool is_own(Trouble trouble) {
  return std::find(own_troubles.begin(), own_troubles.end(), trouble) != own_troubles.end();
}

// Why its unfinished run waits for a person; empty: it does not.
std::string held_back(const ReplicaJob& job, const JobControl* control, const InstanceState* run, WallTime now) {
  if (control == nullptr || run == nullptr || control->paused(now)) return "";
  if (!run->executions.empty() && is_running(run->executions.front().status)) return "";  // or is being closed
  const std::optional<LastRun> last = last_run_of(*run);
  const NextStart next = next_start({job, *control, last, now});
  return next.stuck ? next.why_not : "";
}

}  // namespace

std::vector<std::string> jobs_in_charge(const ReplicaSettings& settings, const std::set<std::string>& owned,
                                        bool leases_away) {
  std::vector<std::string> jobs;
  for (const ReplicaJob& job : settings.jobs) {
    if (leases_away || owned.contains(job.name)) jobs.push_back(job.name);
  }
  return jobs;
}

std::vector<FoundTrouble> SelfMonitor::look(const SelfFacts& facts, Instant now) {
  now_ = now;
  wall_now_ = facts.view.now;
  leases_away_ = facts.leases_away;
  health_.clear();
  healed_for_all_.clear();
  open_.clear();
  for (const Alert& alert : facts.open) {
    if (const auto trouble = trouble_of(alert.kind)) open_.emplace(Key{*trouble, alert.subject}, &alert);
  }
  controls_.clear();
  for (const JobControl& control : facts.view.jobs) {
    controls_.emplace(control.job, &control);
    if (control.paused(facts.view.now)) seen_paused_[control.job] = facts.view.now;
  }
  note_configurations(facts);
  const std::vector<std::string> jobs = jobs_in_charge(facts.settings, facts.owned, facts.leases_away);
  const std::set<std::string> in_charge(jobs.begin(), jobs.end());
  std::erase_if(in_charge_, [&](const auto& one) { return !in_charge.contains(one.first); });
  std::vector<FoundTrouble> findings = facts.stores_away;
  for (const ReplicaJob& job : facts.settings.jobs) {
    if (!in_charge.contains(job.name)) continue;
    in_charge_.emplace(job.name, now);
    look_at_job(facts, job, findings);
  }
  open_.clear();
  controls_.clear();
  return findings;
}

void SelfMonitor::note_configurations(const SelfFacts& facts) {
  configured_.clear();
  for (const ReplicaJob& job : facts.settings.jobs) configured_.insert(job.name);
  configurations_differ_ = false;
  slowest_heartbeat_ = facts.settings.timings.heartbeat;
  for (const ReplicaRow& row : facts.view.replicas) {
    if (!looks_live(row, facts.view.now)) continue;
    configurations_differ_ |= row.config_hash != facts.settings.config_hash;
    slowest_heartbeat_ = std::max(slowest_heartbeat_, row.heartbeat);
  }
}

// As the overview says it: under its owner, which is this replica, or where none can be known any replica that lives.
bool SelfMonitor::runs(const SelfFacts& facts, const ReplicaJob& job, const InstanceState* run) const {
  if (run == nullptr || run->executions.empty() || !is_running(run->executions.front().status)) return false;
  const std::string& replica = run->executions.front().replica;
  if (replica.empty() || replica == facts.settings.id) return true;
  const auto& rows = facts.view.replicas;
  return !facts.owned.contains(job.name) && std::any_of(rows.begin(), rows.end(), [&](const ReplicaRow& row) {
    return row.id == replica && looks_live(row, facts.view.now);
  });
}

bool SelfMonitor::just_taken(const std::string& job) const {
  return !leases_away_ && now_ - in_charge_.at(job) < settings_.grace && !open_.contains({Trouble::overdue, job});
}

void SelfMonitor::look_at_job(const SelfFacts& facts, const ReplicaJob& job, std::vector<FoundTrouble>& findings) {
  const auto newest = facts.runs.find(job.name);
  const InstanceState* const run = newest == facts.runs.end() ? nullptr : &newest->second;
  const auto named = controls_.find(job.name);
  const JobControl* const control = named == controls_.end() ? nullptr : named->second;
  const auto stalled = open_.find({Trouble::stalled, job.name});
  const auto held = seen_paused_.find(job.name);
  HealthFacts asked{job, control, run};
  asked.running = runs(facts, job, run);
  asked.stalled = stalled != open_.end();
  asked.now = facts.view.now;
  if (held != seen_paused_.end()) asked.held_until = held->second;
  const JobHealth health = judge_health(asked);
  health_[job.name] = health.state;

  JobSeen seen{job, health, control, run};
  if (stalled != open_.end()) seen.stalled = stalled->second;
  seen.overdue = open_.contains({Trouble::overdue, job.name});
  seen.held_back = held_back(job, control, run, facts.view.now);
  seen.now = facts.view.now;
  seen.paused_long = settings_.paused_long;
  for (FoundTrouble& one : job_troubles(seen)) {
    if (one.trouble != Trouble::overdue || !just_taken(job.name)) findings.push_back(std::move(one));
  }
  for (const Trouble trouble : own_troubles) {
    if (healed_for_all(trouble, health, control, facts.view.now)) healed_for_all_.insert({trouble, job.name});
  }
}

bool SelfMonitor::judges(const Alert& alert) const {
  const auto trouble = trouble_of(alert.kind);
  if (!trouble) return false;
  if (*trouble == Trouble::store_away) return wall_now_ - alert.last_seen > 3 * slowest_heartbeat_;
  if (is_about_a_job(*trouble) && !configured_.contains(alert.subject)) return !configurations_differ_;
  if (!is_own(*trouble)) return is_looked_for_by_nobody(*trouble, alert.subject);
  if (!in_charge_.contains(alert.subject)) return false;
  return !configurations_differ_ || healed_for_all_.contains({*trouble, alert.subject});
}

// A job without an owner stays so whether or not anybody looks for it.
bool SelfMonitor::is_looked_for_by_nobody(Trouble trouble, const std::string& subject) const {
  if (settings_.has_monitors || configurations_differ_) return false;
  return trouble != Trouble::unowned || (!leases_away_ && in_charge_.contains(subject));
}

}  // namespace baton

#include "monitor/global_monitor.h"

#include "base/duration.h"
#include "lease/probe_name.h"
#include "replica/time_words.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace baton {
namespace {

constexpr std::array<std::string_view, 11> trouble_names{
    "overdue",       "failing",        "held_back",   "stalled",           "unowned",
    "no_capacity",   "replica_silent", "paused_long", "nobodys_execution", "configurations_differ",
    "monitor_silent"};

const LeaseRecord* lease_of(const OverviewFacts& facts, const std::string& key) {
  const auto lease =
      std::find_if(facts.leases.begin(), facts.leases.end(), [&](const LeaseRecord& one) { return one.key == key; });
  return lease == facts.leases.end() ? nullptr : &*lease;
}

// In which a healthy replica takes what is free, also above its share (P20).
Duration time_to_take(const OverviewFacts& facts) { return 3 * facts.settings.timings.refresh; }

}  // namespace

std::string_view name(Trouble trouble) { return trouble_names[static_cast<std::size_t>(trouble)]; }

std::set<std::string> idle_locks(const OverviewFacts& facts, const std::vector<std::string>& others) {
  std::set<std::string> names(others.begin(), others.end());
  for (const ReplicaJob& job : facts.settings.jobs) names.insert(job.name);
  std::set<std::string> idle;
  for (const std::string& name : names) {
    const LeaseRecord* lease = lease_of(facts, name);
    const bool held = lease != nullptr && !lease->released && !is_probe(lease->owner_name);
    if (!held || facts.expired.contains(name)) idle.insert(name);
  }
  return idle;
}

std::vector<FoundTrouble> GlobalMonitor::look(OverviewFacts overview, const MonitorFacts& facts, Instant now) {
  now_ = now;
  if (!began_) began_ = overview.view.now;
  findings_.clear();
  seen_.clear();
  hold_paused(overview);
  for (const Alert& alert : facts.open) {
    if (alert.kind == name(Trouble::stalled)) overview.stalled.insert(alert.subject);
  }
  std::vector<std::string> monitors;
  for (const auto& [monitor, every] : settings_.others) monitors.push_back(monitor);
  const std::set<std::string> idle = facts.probed_idle ? *facts.probed_idle : idle_locks(overview, monitors);
  const Overview all = make_overview(overview);
  for (const JobOverview& job : all.jobs) {
    if (job.configured) look_at_job(overview, job, idle.contains(job.job));
  }
  look_at_replicas(overview, all);
  look_at_executions(overview, idle);
  look_at_monitors(overview, facts);
  std::erase_if(since_, [this](const auto& one) { return !seen_.contains(one.first); });
  return std::move(findings_);
}

// Nobody writes down when a person ended a pause: it lasted until it was last seen.
void GlobalMonitor::hold_paused(OverviewFacts& overview) {
  for (const JobControl& control : overview.view.jobs) {
    if (control.paused(overview.view.now)) seen_paused_[control.job] = overview.view.now;
  }
  overview.held_until = seen_paused_;
}

void GlobalMonitor::found(Trouble trouble, const std::string& subject, std::string text, Duration patience) {
  const Key key{trouble, subject};
  seen_.insert(key);
  const Instant since = since_.emplace(key, now_).first->second;
  if (now_ - since < patience) return;
  findings_.push_back({trouble, subject, std::move(text)});
}

void GlobalMonitor::look_at_job(const OverviewFacts& facts, const JobOverview& job, bool idle) {
  const JobHealth& health = job.health;
  if (health.overdue) {
    const bool said = health.state == HealthState::late || health.state == HealthState::never_ran;
    found(Trouble::overdue, job.job,
          said ? health.reason
               : fmt::format("late by {}: due at {} ({})", to_text(health.lateness),
                             time_in_words(*health.expected, facts.view.now), to_text(job.schedule)));
  }
  if (health.failures > job.restarts) {
    const bool said = health.state == HealthState::failing;
    found(Trouble::failing, job.job, said ? health.reason : fmt::format("failed {} times in a row", health.failures));
  }
  if (job.state == JobState::held_back) found(Trouble::held_back, job.job, job.reason);
  // The owner began this alert; it lasts while it runs. Its owner ends it before that, where it makes progress again.
  if (health.state == HealthState::stalled) found(Trouble::stalled, job.job, "stalled: " + health.reason);
  const Pause* pause = job.control && job.control->paused(facts.view.now) ? &*job.control->pause : nullptr;
  if (pause != nullptr && !pause->until && facts.view.now - pause->since > settings_.paused_long) {
    found(Trouble::paused_long, job.job,
          fmt::format("paused by {} since {}{}{}", pause->by, time_in_words(pause->since, facts.view.now),
                      pause->reason.empty() ? "" : ": ", pause->reason));
  }
  if (idle && pause == nullptr) {
    found(Trouble::unowned, job.job, "nobody holds its lock: " + job.ownership.text,
          settings_.grace + time_to_take(facts));
  }
}

void GlobalMonitor::look_at_replicas(const OverviewFacts& facts, const Overview& overview) {
  const Duration heartbeats = 3 * facts.settings.timings.heartbeat;
  const auto short_of = std::find_if(overview.jobs.begin(), overview.jobs.end(), [](const JobOverview& job) {
    return job.configured && job.ownership.kind == OwnershipReason::Kind::no_capacity;
  });
  if (short_of != overview.jobs.end()) {
    found(Trouble::no_capacity, "", short_of->ownership.text, settings_.grace + heartbeats);
  }
  for (const ReplicaOverview& replica : overview.replicas) {
    if (replica.live || replica.row.leaving) continue;
    const auto holds = std::count_if(facts.leases.begin(), facts.leases.end(), [&](const LeaseRecord& lease) {
      return !lease.released && lease.owner_name == replica.row.id;
    });
    if (holds == 0) continue;
    found(Trouble::replica_silent, replica.row.id,
          fmt::format("silent since {}, and {} of its locks {} taken over by nobody",
                      time_in_words(replica.row.beat, facts.view.now), holds, holds == 1 ? "is" : "are"),
          settings_.grace);
  }
  if (overview.configurations_differ) {
    found(Trouble::configurations_differ, "",
          "live replicas have different configurations, or another one than this monitor", settings_.differ_long);
  }
}

// P16: any replica closes them when their locks are free for some time.
void GlobalMonitor::look_at_executions(const OverviewFacts& facts, const std::set<std::string>& idle) {
  for (const OpenExecution& open : facts.view.open) {
    const LeaseRecord* lease = lease_of(facts, open.job);
    const bool nobodys =
        idle.contains(open.job) || lease == nullptr || lease->released || facts.expired.contains(open.job);
    if (!open.fence || !nobodys) continue;
    found(Trouble::nobodys_execution, open.job,
          fmt::format("execution {} is {} and nobody runs it", open.execution, name(open.status)),
          settings_.grace + time_to_take(facts));
  }
}

void GlobalMonitor::look_at_monitors(const OverviewFacts& facts, const MonitorFacts& monitors) {
  for (const auto& [other, every] : settings_.others) {
    const auto pass = std::find_if(monitors.passes.begin(), monitors.passes.end(),
                                   [&other = other](const MonitorPass& one) { return one.monitor == other; });
    const WallTime last = std::max(pass == monitors.passes.end() ? *began_ : pass->at, *began_);
    // Two of its rounds, and the time in which another replica takes its lock.
    const Duration longest = 2 * every + facts.settings.timings.lease + time_to_take(facts) + settings_.grace;
    if (facts.view.now - last <= longest) continue;
    found(Trouble::monitor_silent, other,
          pass == monitors.passes.end() ? "has never looked"
                                        : fmt::format("has not looked since {}, though it should every {}",
                                                      time_in_words(pass->at, facts.view.now), to_text(every)));
  }
}

}  // namespace baton

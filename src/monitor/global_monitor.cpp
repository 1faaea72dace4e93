#include "monitor/global_monitor.h"

#include "base/duration.h"
#include "lease/probe_name.h"
#include "monitor/job_troubles.h"
#include "replica/time_words.h"

#include <fmt/format.h>
#include <algorithm>
#include <unordered_map>

namespace baton {
namespace {

constexpr std::size_t jobs_named = 5;
constexpr Duration longest_lease(100LL * 366 * 86'400'000);  // a record may say anything

// Those that nobody has released, by key.
std::unordered_map<std::string_view, const LeaseRecord*> unreleased(const OverviewFacts& facts) {
  std::unordered_map<std::string_view, const LeaseRecord*> leases;
  for (const LeaseRecord& lease : facts.leases) {
    if (!lease.released) leases.emplace(lease.key, &lease);
  }
  return leases;
}

// In which a healthy replica takes what is free, also above its share (P20).
Duration time_to_take(const OverviewFacts& facts) { return 3 * facts.settings.timings.refresh; }

// See looks_live().
WallTime silent_from(const ReplicaRow& row) { return row.beat + 3 * std::max(row.heartbeat, Duration(1)); }

bool lacks_capacity(const JobOverview& job) {
  return job.configured && job.ownership.kind == OwnershipReason::Kind::no_capacity;
}

}  // namespace

std::set<std::string> idle_locks(const OverviewFacts& facts, const std::vector<std::string>& others) {
  std::set<std::string> names(others.begin(), others.end());
  for (const ReplicaJob& job : facts.settings.jobs) names.insert(job.name);
  const auto leases = unreleased(facts);
  std::set<std::string> idle;
  for (const std::string& name : names) {
    const auto lease = leases.find(name);
    const bool held = lease != leases.end() && !is_probe(lease->second->owner_name);
    if (!held || facts.expired.contains(name)) idle.insert(name);
  }
  return idle;
}

std::vector<FoundTrouble> GlobalMonitor::look(OverviewFacts overview, const MonitorFacts& facts, Instant now) {
  now_ = now;
  findings_.clear();
  seen_.clear();
  changes_at_.reset();
  remember(overview, facts);
  await_expiries(overview, facts.round);
  hold_paused(overview);
  for (const Alert& alert : facts.open) {
    if (alert.kind == name(Trouble::stalled)) overview.stalled.insert(alert.subject);
  }
  std::vector<std::string> monitors;
  for (const auto& [monitor, every] : settings_.others) monitors.push_back(monitor);
  const std::set<std::string> idle = facts.probed_idle ? *facts.probed_idle : idle_locks(overview, monitors);
  const Overview all = make_overview(overview);
  look_at_capacity(overview, all, idle);
  for (std::size_t i = 0; i < overview.settings.jobs.size(); ++i) {
    const JobOverview& job = all.jobs[i];  // the configuration's come first, in its order
    health_[job.job] = job.health.state;
    look_at_job(overview, overview.settings.jobs[i], job, idle.contains(job.job));
  }
  look_at_replicas(overview, all);
  note_forgotten(overview, all);
  look_at_executions(overview, idle);
  look_at_monitors(overview, facts);
  leave_to_others(overview, all, idle);
  std::erase_if(since_, [this](const auto& one) { return !seen_.contains(one.first); });
  return std::move(findings_);
}

void GlobalMonitor::remember(const OverviewFacts& overview, const MonitorFacts& facts) {
  open_.clear();
  for (const Alert& alert : facts.open) {
    if (const auto trouble = trouble_of(alert.kind)) open_.emplace(Key{*trouble, alert.subject}, alert);
  }
  remember_holders(overview);
  if (began_) return;
  began_ = overview.view.now;
  for (const LeaseRecord& lease : overview.leases) first_versions_.emplace(lease.key, lease.version);
}

// A probe that takes the lock of a dead owner writes its own name over it. Who lets it run out has not kept it.
void GlobalMonitor::remember_holders(const OverviewFacts& overview) {
  for (const LeaseRecord& lease : overview.leases) {
    if (is_probe(lease.owner_name)) continue;
    if (lease.released) {
      holds_.erase(lease.key);
      continue;
    }
    Hold& hold = holds_[lease.key];
    if (hold.owner != lease.owner_name || overview.expired.contains(lease.key)) hold = {lease.owner_name, now_};
  }
}

void GlobalMonitor::await(Instant at) {
  if (at > now_) changes_at_ = std::min(changes_at_.value_or(at), at);
}

// A version that a look between two rounds is the first to see is proof of a renewal, and waits for the next round: a
// healthy deployment is looked at once in between, not once in each lease.
void GlobalMonitor::await_expiries(const OverviewFacts& overview, bool round) {
  for (const LeaseRecord& lease : overview.leases) {
    if (lease.released || is_probe(lease.owner_name)) {
      sights_.erase(lease.key);
      continue;
    }
    Sight& sight = sights_[lease.key];
    if (sight.version != lease.version) {
      const Duration length = std::clamp(lease.lease_duration, Duration(0), longest_lease);
      sight = {lease.version, now_ + length + Instant::duration(1), false};
    }
    sight.of_round |= round;
    if (sight.of_round) await(sight.expires);
  }
}

// A replica that cannot reach what the job needs takes its lock again and again: becoming the owner has a lease of
// time.
bool GlobalMonitor::kept(const OverviewFacts& facts, const JobOverview& job) const {
  if (job.state == JobState::running || job.state == JobState::stopping) return true;
  const auto hold = holds_.find(job.job);
  return hold != holds_.end() && now_ - hold->second.since > facts.settings.timings.lease;
}

// The locks of a replica that have run out and that nobody has taken since, but for probes.
std::int64_t GlobalMonitor::left_behind(const OverviewFacts& facts, const std::string& replica) const {
  return std::count_if(facts.leases.begin(), facts.leases.end(), [&](const LeaseRecord& lease) {
    if (!is_probe(lease.owner_name)) {
      return !lease.released && lease.owner_name == replica && facts.expired.contains(lease.key);
    }
    const auto hold = holds_.find(lease.key);
    return hold != holds_.end() && hold->second.owner == replica;
  });
}

bool GlobalMonitor::judges(const Alert& alert) const {
  const auto trouble = trouble_of(alert.kind);
  return trouble && !others_.contains(Key{*trouble, alert.subject});
}

std::string GlobalMonitor::why_over(const Alert& alert) const {
  const auto forgotten = forgotten_.find(alert.subject);
  if (alert.kind != name(Trouble::replica_silent) || forgotten == forgotten_.end()) return "";
  return fmt::format("its row was removed after long silence, and {} of its locks {} still taken over by nobody",
                     forgotten->second, forgotten->second == 1 ? "is" : "are");
}

// It stands as it stood at the first look: a renewal, or its end, is still to be seen.
bool GlobalMonitor::may_be_held_by_nobody(const LeaseRecord& lease, const OverviewFacts& facts) const {
  const auto first = first_versions_.find(lease.key);
  return !lease.released && !facts.expired.contains(lease.key) && first != first_versions_.end() &&
         first->second == lease.version;
}

void GlobalMonitor::leave_to_others(const OverviewFacts& facts, const Overview& overview,
                                    const std::set<std::string>& idle) {
  others_.clear();
  const auto leases = unreleased(facts);
  const auto unwatched = [&](const std::string& key) {
    const auto lease = leases.find(key);
    return !idle.contains(key) && lease != leases.end() && may_be_held_by_nobody(*lease->second, facts);
  };
  for (const auto& [key, alert] : open_) {
    const auto& [trouble, subject] = key;
    const JobOverview* const job = overview.job(subject);
    bool judged = true;
    if (is_about_a_job(trouble)) {
      const bool known = job != nullptr && job->configured;
      judged = !overview.configurations_differ ||
               (known && healed_for_all(trouble, job->health, job->control ? &*job->control : nullptr, facts.view.now));
    } else if (trouble == Trouble::no_capacity || trouble == Trouble::monitor_silent) {
      judged = !overview.configurations_differ;
    } else if (trouble == Trouble::replica_silent) {
      judged =
          std::none_of(facts.leases.begin(), facts.leases.end(), [&, &subject = subject](const LeaseRecord& lease) {
            const bool was_probed =
                is_probe(lease.owner_name) && !holds_.contains(lease.key);  // whose it was is not known
            return was_probed || (lease.owner_name == subject && unwatched(lease.key));
          });
    }
    if (trouble == Trouble::store_away) judged = false;  // those who miss it say so
    if (trouble == Trouble::unowned || trouble == Trouble::nobodys_execution) judged &= !unwatched(subject);
    if (!judged) others_.insert(key);
  }
}

// All may have begun with it, and a job's owner may run it first.
bool GlobalMonitor::has_just_begun(WallTime now) const { return now - *began_ < settings_.grace; }

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
  if (now_ - since < patience && !open_.contains(key)) return await(since + patience);
  findings_.push_back({trouble, subject, std::move(text)});
}

void GlobalMonitor::look_at_job(const OverviewFacts& facts, const ReplicaJob& configured, const JobOverview& job,
                                bool idle) {
  const auto run = facts.runs.find(job.job);
  const auto stalled = open_.find({Trouble::stalled, job.job});
  JobSeen seen{configured, job.health, job.control ? &*job.control : nullptr};
  if (run != facts.runs.end()) seen.run = &run->second;
  if (stalled != open_.end()) seen.stalled = &stalled->second;
  seen.overdue = open_.contains({Trouble::overdue, job.job});
  if (job.state == JobState::held_back) seen.held_back = job.reason;
  seen.now = facts.view.now;
  seen.paused_long = settings_.paused_long;
  for (FoundTrouble& one : job_troubles(seen)) {
    const bool early = one.trouble == Trouble::overdue && has_just_begun(facts.view.now);
    if (!early || open_.contains({one.trouble, one.subject})) found(one.trouble, one.subject, std::move(one.text));
  }
  const bool had_alert = open_.contains({Trouble::unowned, job.job});
  const bool folded = many_without_capacity_ && lacks_capacity(job) && !had_alert;
  const bool not_kept = had_alert && !kept(facts, job);
  const bool paused = job.control && job.control->paused(facts.view.now);
  if (!paused && !folded && (idle || not_kept)) {
    found(Trouble::unowned, job.job,
          idle ? "nobody holds its lock: " + job.ownership.text
               : job.holder() + " has taken its lock, and not kept it yet",
          settings_.grace + time_to_take(facts));
  }
}

// More than a few jobs that wait for a token are named in this alert, and have none of their own, unless they had
// before.
void GlobalMonitor::look_at_capacity(const OverviewFacts& facts, const Overview& overview,
                                     const std::set<std::string>& idle) {
  std::vector<const JobOverview*> waiting;
  for (const JobOverview& job : overview.jobs) {
    if (lacks_capacity(job) && idle.contains(job.job)) waiting.push_back(&job);
  }
  many_without_capacity_ = waiting.size() > jobs_named;
  const auto first = std::find_if(overview.jobs.begin(), overview.jobs.end(), lacks_capacity);
  if (first == overview.jobs.end()) return;
  std::string text = first->ownership.text;
  if (many_without_capacity_) {
    text += fmt::format("; nobody has {} of them: ", waiting.size());
    for (std::size_t i = 0; i < jobs_named; ++i) text += waiting[i]->job + ", ";
    text += "…";
  }
  found(Trouble::no_capacity, "", std::move(text), settings_.grace + 3 * facts.settings.timings.heartbeat);
}

void GlobalMonitor::look_at_replicas(const OverviewFacts& facts, const Overview& overview) {
  // Until a dead one's locks have run out nobody can take them over.
  for (const ReplicaOverview& replica : overview.replicas) {
    if (replica.row.leaving) continue;
    const std::int64_t holds = left_behind(facts, replica.row.id);
    if (holds == 0) continue;
    if (replica.live) {
      await(now_ + (silent_from(replica.row) - facts.view.now));
      continue;
    }
    found(Trouble::replica_silent, replica.row.id,
          fmt::format("silent since {}, and {} of its locks {} taken over by nobody",
                      time_in_words(replica.row.beat, facts.view.now), holds, holds == 1 ? "is" : "are"),
          settings_.grace + time_to_take(facts));
  }
  if (overview.configurations_differ) {
    found(Trouble::configurations_differ, "",
          "live replicas have different configurations, or another one than this monitor", settings_.differ_long);
  }
}

// Rows of the dead are removed: what is left of them is that nobody has their locks.
void GlobalMonitor::note_forgotten(const OverviewFacts& facts, const Overview& overview) {
  forgotten_.clear();
  for (const auto& [key, alert] : open_) {
    const auto& [trouble, subject] = key;
    if (trouble != Trouble::replica_silent) continue;
    const bool has_row =
        std::any_of(overview.replicas.begin(), overview.replicas.end(),
                    [&, &subject = subject](const ReplicaOverview& one) { return one.row.id == subject; });
    if (has_row) continue;
    if (const std::int64_t locks = left_behind(facts, subject); locks > 0) forgotten_.emplace(subject, locks);
  }
}

// P16: any replica closes them when their locks are free for some time.
void GlobalMonitor::look_at_executions(const OverviewFacts& facts, const std::set<std::string>& idle) {
  const auto leases = unreleased(facts);
  for (const OpenExecution& open : facts.view.open) {
    const bool nobodys = idle.contains(open.job) || !leases.contains(open.job) || facts.expired.contains(open.job);
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

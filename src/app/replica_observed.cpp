#include "app/replica_observed.h"

#include "base/duration.h"
#include "schedule/longest_pause.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

constexpr Duration shortest_live_within(10'000);

template <class Length>
double seconds(Length length) {
  return std::chrono::duration<double>(length).count();
}

double unix_seconds(WallTime time) { return seconds(time.time_since_epoch()); }

std::optional<double> unix_seconds(const std::optional<WallTime>& time) {
  return time ? std::optional(unix_seconds(*time)) : std::nullopt;
}

void add_rows(JobMetrics& job, const StepCounts& counts) {
  job.rows_read = static_cast<std::uint64_t>(counts.records());
  job.rows_written = static_cast<std::uint64_t>(counts.write);
  job.rows_filtered = static_cast<std::uint64_t>(counts.filter);
  job.rows_rejected = static_cast<std::uint64_t>(counts.rejected());
}

}  // namespace

Duration live_within(Duration lease) { return std::max(lease, shortest_live_within); }

ReplicaObserved::ReplicaObserved(ObservedParts parts)
    : parts_(std::move(parts)), live_within_(live_within(*parts_.config->locks.lease)) {
  const WallTime now = parts_.clock->wall_now();
  std::map<std::string, Duration> pauses;  // by schedule: many jobs have the same
  for (const JobConfig& job : parts_.config->jobs) {
    const std::string schedule = to_text(*job.schedule) + " " + std::to_string(job.schedule->jitter.count());
    if (!pauses.contains(schedule)) pauses[schedule] = longest_pause(*job.schedule, now);
    expected_[*job.name] = {seconds(pauses[schedule]), seconds(parts_.config->grace(job))};
  }
}

JobMetrics ReplicaObserved::metrics_of(const JobView& view, Instant now) const {
  JobMetrics job;
  job.job = view.job;
  job.owned = view.owned;
  job.unowned = view.unowned;
  if (view.running_since) job.running_for = seconds(now - *view.running_since);
  job.paused_since = unix_seconds(view.paused_since);
  job.last_success = view.never_succeeded ? 0 : unix_seconds(view.last_success);
  job.first_seen = unix_seconds(view.first_seen);
  job.next_start = unix_seconds(view.next_start);
  if (const auto expected = expected_.find(view.job); expected != expected_.end()) {
    job.expected_interval = expected->second.interval;
    job.grace = expected->second.grace;
  }
  job.start_lateness = summary_of(view.counts.lateness, now);
  job.refused_commits = view.counts.refused;
  job.acquisitions = view.counts.acquisitions;
  job.losses_idle = view.counts.losses_idle;
  job.losses_running = view.counts.losses_running;
  return job;
}

MetricsSnapshot ReplicaObserved::metrics() const {
  const auto view = parts_.watch->view();
  const ReplicaPulse pulse = parts_.watch->pulse();
  const Instant now = parts_.clock->now();
  MetricsSnapshot shown;
  shown.version = BATON_VERSION;
  shown.replica = parts_.replica;
  shown.tokens = parts_.tokens;
  shown.tokens_used = view->tokens_used;
  shown.live_replicas = view->live_replicas;
  shown.live_tokens = view->live_tokens;
  shown.jobs_to_own = view->jobs_to_own;
  shown.leases_held = view->leases_held;
  shown.renewals = view->renewals.done;
  shown.renewal_failures = view->renewals.failed;
  shown.renewal_latency = summary_of(view->renewals.latency, now);
  if (view->least_trust_left) shown.least_trust_left = seconds(*view->least_trust_left);
  const ServerHealth well = health_of(pulse);
  shown.live = well.live;
  shown.ready = well.ready;
  shown.repository_up = pulse.repository_answers;
  shown.lease_store_up = pulse.leases_answer;
  shown.launches = parts_.meter->launches();
  shown.runs = parts_.meter->durations(now);
  shown.steps = parts_.meter->steps(now);
  MonitoringShown judged = parts_.monitoring ? parts_.monitoring(now) : MonitoringShown();
  shown.states = std::move(judged.states);
  shown.alerts = std::move(judged.alerts);
  shown.monitors = std::move(judged.monitors);
  const std::map<std::string, StepCounts> rows = parts_.meter->rows();
  shown.jobs.reserve(view->jobs.size());
  for (const JobView& one : view->jobs) {
    JobMetrics& job = shown.jobs.emplace_back(metrics_of(one, now));
    if (const auto counted = rows.find(one.job); counted != rows.end()) add_rows(job, counted->second);
    if (const auto state = judged.job_state.find(one.job); state != judged.job_state.end()) job.state = state->second;
    shown.jobs_unowned += job.unowned ? 1 : 0;
  }
  return shown;
}

ServerHealth ReplicaObserved::health() const { return health_of(parts_.watch->pulse()); }

ServerHealth ReplicaObserved::health_of(const ReplicaPulse& pulse) const {
  const Instant now = parts_.clock->now();
  ServerHealth health;
  health.live = loops_tick(pulse, live_within_, now);
  health.ready = health.live && pulse.ready();
  health.parts = {{"repository", pulse.repository_answers}, {"leaseStore", pulse.leases_answer}};
  if (pulse.hung_since) {
    health.parts.back().why_not =
        fmt::format("a call has not returned for {}: no lease is renewed or taken",
                    to_text(std::chrono::floor<std::chrono::seconds>(now - *pulse.hung_since)));
  }
  return health;
}

}  // namespace baton

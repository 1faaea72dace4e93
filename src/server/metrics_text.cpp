#include "server/metrics_text.h"

#include "server/metric_families.h"
#include "server/spring_metrics.h"

#include <array>
#include <limits>
#include <utility>

namespace baton {
namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

double flag(bool value) { return value ? 1 : 0; }

template <class Number>
double number(Number value) {
  return static_cast<double>(value);
}

// `job` is what Prometheus calls a group of scraped addresses.
MetricLabels labels_of(const JobMetrics& job) { return {{"job_name", job.job}}; }

MetricLabels labels_of_monitor(const MonitorShown& monitor) { return {{"monitor", monitor.monitor}}; }

void add_replica(MetricFamilies& families, const MetricsSnapshot& s) {
  families.gauge("baton_replica_info", "This replica.", 1, {{"replica", s.replica}, {"version", s.version}});
  families.gauge("baton_live", "1 while the loops of this replica tick.", flag(s.live));
  families.gauge("baton_ready", "1 while this replica can take and run jobs.", flag(s.ready));
  families.gauge("baton_repository_up", "1 while the job repository answers.", flag(s.repository_up));
  families.gauge("baton_lease_store_up", "1 while the lease store answers.", flag(s.lease_store_up));
  families.gauge("baton_tokens", "How many jobs this replica may own.", number(s.tokens));
  families.gauge("baton_tokens_used", "How many of its tokens are in use.", number(s.tokens_used));
  families.gauge("baton_live_replicas", "Live replicas, as this one sees it.", number(s.live_replicas));
  families.gauge("baton_live_tokens", "Tokens of the live replicas that have this replica's configuration.",
                 number(s.live_tokens));
  families.gauge("baton_jobs", "Jobs that need a token of a replica.", number(s.jobs_to_own));
  families.gauge("baton_jobs_unowned", "Jobs that nobody owns, as this replica sees it.", number(s.jobs_unowned));
}

void add_leases(MetricFamilies& families, const MetricsSnapshot& s) {
  families.gauge("baton_leases_held", "Leases that this replica holds.", number(s.leases_held));
  families.gauge("baton_lease_trust_left_seconds",
                 "How long the lease with the least time left is still trusted; +Inf where none is held.",
                 s.least_trust_left.value_or(std::numeric_limits<double>::infinity()));
  families.counter("baton_lease_renewals_total", "Renewals that succeeded, one a lease.", s.renewals);
  families.counter("baton_lease_renewal_failures_total", "Renewals that failed or had no answer.", s.renewal_failures);
  families.timers(
      "baton_lease_renewal_seconds", "From the sending of a batch of renewals to its answer.",
      std::array{s.renewal_latency}, [](const DurationSummary& one) -> const DurationSummary& { return one; },
      [](const auto&) { return MetricLabels(); });
  families.counters(
      "baton_lease_acquisitions_total", "Leases taken.", s.jobs, [](const JobMetrics& job) { return job.acquisitions; },
      labels_of);
  struct Loss {
    const JobMetrics* job;
    bool running;
  };
  std::vector<Loss> losses;
  for (const JobMetrics& job : s.jobs) {
    losses.push_back({&job, false});
    losses.push_back({&job, true});
  }
  families.counters(
      "baton_lease_losses_total", "Leases lost, neither released nor given away; running: while the job ran.", losses,
      [](const Loss& one) { return one.running ? one.job->losses_running : one.job->losses_idle; },
      [](const Loss& one) {
        return MetricLabels{{"job_name", one.job->job}, {"running", one.running ? "true" : "false"}};
      });
}

void add_states(MetricFamilies& families, const MetricsSnapshot& s) {
  const auto gauges = [&](const char* name, const char* help, const auto& value) {
    families.gauges(name, help, s.jobs, value, labels_of);
  };
  gauges("baton_job_owned", "1 while this replica owns the job.",
         [](const JobMetrics& job) { return flag(job.owned); });
  gauges("baton_job_unowned", "1 while nobody owns the job, as this replica sees it.",
         [](const JobMetrics& job) { return flag(job.unowned); });
  gauges("baton_job_running", "1 while this replica runs the job.",
         [](const JobMetrics& job) { return flag(job.running_for.has_value()); });
  gauges("baton_job_paused", "1 while a person has paused the job.",
         [](const JobMetrics& job) { return flag(job.paused_since.has_value()); });
  gauges("baton_job_paused_timestamp_seconds", "Since when it is paused; 0: it is not.",
         [](const JobMetrics& job) { return job.paused_since.value_or(0); });
  struct InState {
    const JobMetrics* job;
    const std::string* state;
  };
  std::vector<InState> all;
  for (const JobMetrics& job : s.jobs) {
    for (const std::string& state : s.states) all.push_back({&job, &state});
  }
  if (all.empty()) return;
  families.gauges(
      "baton_job_state", "1 for the state that the job is in, where this replica judges it.", all,
      [](const InState& one) { return flag(one.job->state == *one.state); },
      [](const InState& one) {
        return MetricLabels{{"job_name", one.job->job}, {"state", *one.state}};
      });
}

void add_schedules(MetricFamilies& families, const MetricsSnapshot& s) {
  const auto gauges = [&](const char* name, const char* help, const auto& value) {
    families.gauges(name, help, s.jobs, value, labels_of);
  };
  gauges("baton_job_first_seen_timestamp_seconds", "When a replica first had the job in its configuration.",
         [](const JobMetrics& job) { return job.first_seen.value_or(not_known); });
  gauges("baton_job_last_success_timestamp_seconds",
         "The end of its last completed execution; 0: it never had one; NaN: this replica does not know.",
         [](const JobMetrics& job) { return job.last_success.value_or(not_known); });
  gauges("baton_job_next_start_timestamp_seconds", "Its next start; NaN: this replica knows of none.",
         [](const JobMetrics& job) { return job.next_start.value_or(not_known); });
  gauges("baton_job_expected_interval_seconds", "The longest pause between two starts; 0: it is started by hand.",
         [](const JobMetrics& job) { return job.expected_interval; });
  gauges("baton_job_grace_seconds", "Lateness that is no news.", [](const JobMetrics& job) { return job.grace; });
  families.timers(
      "baton_job_start_lateness_seconds", "From the time that a run was due to its start in this replica.", s.jobs,
      [](const JobMetrics& job) -> const DurationSummary& { return job.start_lateness; }, labels_of);
}

void add_rows(MetricFamilies& families, const MetricsSnapshot& s) {
  const auto counters = [&](const char* name, const char* help, const auto& value) {
    families.counters(name, help, s.jobs, value, labels_of);
  };
  counters("baton_rows_read_total", "Records read.", [](const JobMetrics& job) { return job.rows_read; });
  counters("baton_rows_written_total", "Rows committed.", [](const JobMetrics& job) { return job.rows_written; });
  counters("baton_rows_filtered_total", "Records filtered.", [](const JobMetrics& job) { return job.rows_filtered; });
  counters("baton_rows_rejected_total", "Records refused and kept as rejects.",
           [](const JobMetrics& job) { return job.rows_rejected; });
  counters("baton_refused_commits_total", "Runs that ended because the fence or the lease refused a commit.",
           [](const JobMetrics& job) { return job.refused_commits; });
}

void add_monitoring(MetricFamilies& families, const MetricsSnapshot& s) {
  families.gauges(
      "baton_alerts_open", "Alerts that are open.", s.alerts, [](const auto& alert) { return alert.second; },
      [](const auto& alert) {
        return MetricLabels{{"kind", alert.first}};
      });
  families.gauges(
      "baton_monitor_last_pass_timestamp_seconds",
      "When a global monitor last looked at all jobs, where this replica knows; 0: never.", s.monitors,
      [](const MonitorShown& monitor) { return monitor.last_pass; }, labels_of_monitor);
  families.gauges(
      "baton_monitor_interval_seconds", "How often a global monitor looks.", s.monitors,
      [](const MonitorShown& monitor) { return monitor.interval; }, labels_of_monitor);
  families.timers(
      "baton_monitor_pass_seconds", "How long a global monitor of this replica takes to look at all jobs.", s.monitors,
      [](const MonitorShown& monitor) -> const DurationSummary& { return monitor.passes; }, labels_of_monitor);
}

}  // namespace

std::string metrics_text(const MetricsSnapshot& snapshot) {
  constexpr std::size_t bytes_beside_jobs = 32 * 1024;
  constexpr std::size_t bytes_of_a_job = 4 * 1024;
  MetricFamilies families(bytes_beside_jobs + bytes_of_a_job * snapshot.jobs.size());
  add_replica(families, snapshot);
  add_leases(families, snapshot);
  add_states(families, snapshot);
  add_schedules(families, snapshot);
  add_rows(families, snapshot);
  add_monitoring(families, snapshot);
  add_spring_metrics(families, snapshot);
  return std::move(families).text();
}

}  // namespace baton

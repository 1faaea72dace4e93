#include "app/overview_source.h"

#include "app/lease_store_check.h"
#include "app/run_replica.h"
#include "monitor/trouble.h"

#include <fmt/format.h>
#include <set>
#include <utility>

namespace baton {
namespace {

Error without_leases(Error error) {
  error.message = fmt::format(
      "the leases cannot be read, so that owners are not known: {}; the rest is what the job repository says; baton "
      "doctor tells more about the lease store",
      error.message);
  return error;
}

}  // namespace

OverviewSource::OverviewSource(const Config& config, const Stores& stores, Clock& clock)
    : config_(config), stores_(stores), clock_(clock), settings_(replica_settings(config, "")) {}

OverviewSource::~OverviewSource() = default;

Result<Repository*> OverviewSource::repository() {
  if (repository_ != nullptr && !repository_->usable()) repository_.reset();
  if (repository_ == nullptr) {
    BATON_TRY(repository_, stores_.find_repository(RepositoryAccess::read_only));
  }
  return repository_.get();
}

Status OverviewSource::open_leases() {
  if (leases_ != nullptr && stores_.lease_store_reachable()) return {};
  BATON_TRY(leases_, stores_.find_lease_store());
  return {};
}

Status OverviewSource::check_stores() {
  const auto opened = repository();
  if (!opened || *opened == nullptr) return {};
  if (Status leases = open_leases(); !leases) {
    not_opened_ = std::move(leases).error();
    return {};
  }
  return check_lease_store(config_, stores_, **opened, leases_.get());
}

Status OverviewSource::read_leases(OverviewFacts& facts) {
  if (not_opened_) return fail(*std::exchange(not_opened_, std::nullopt));
  BATON_CHECK(open_leases());
  if (leases_ == nullptr) return {};
  BATON_TRY(facts.leases, leases_->list(*config_.locks.heartbeat));
  const Instant now = clock_.now();
  for (const LeaseRecord& lease : facts.leases) {
    observer_.observe(lease, now);
    if (observer_.expired(lease, now)) facts.expired.insert(lease.key);
  }
  return {};
}

// Of a job whose newest execution runs also the one that ended before it.
Status OverviewSource::read_runs(Repository& repository, const std::vector<std::string>& jobs, OverviewFacts& facts) {
  BATON_TRY(facts.runs, repository.executions().last_runs(jobs));
  std::vector<std::string> running;
  for (const auto& [job, run] : facts.runs) {
    if (!run.executions.empty() && is_running(run.executions.front().status)) running.push_back(job);
  }
  if (!running.empty()) {
    BATON_TRY(facts.ended, repository.executions().last_ended(running));
  }
  return {};
}

Status OverviewSource::read_repository(Repository& repository, MonitorAlerts& alerts, OverviewFacts& facts) {
  facts.repository_there = true;
  BATON_TRY(facts.view, repository.replicas().look());
  BATON_TRY(alerts.passes, repository.alerts().passes());
  for (const MonitorPass& pass : alerts.passes) facts.monitors.insert(pass.monitor);  // another configuration's too
  if (!alerts.open) {
    BATON_TRY(alerts.open, repository.alerts().open());
  }
  for (const Alert& alert : *alerts.open) {
    if (alert.kind == name(Trouble::stalled)) facts.stalled.insert(alert.subject);
  }
  std::set<std::string> jobs;
  for (const ReplicaJob& job : settings_.jobs) jobs.insert(job.name);
  for (const LeaseRecord& lease : facts.leases) {
    if (!lease.released && !facts.monitors.contains(lease.key)) jobs.insert(lease.key);
  }
  return read_runs(repository, {jobs.begin(), jobs.end()}, facts);
}

Result<OverviewFacts> OverviewSource::read_facts(MonitorAlerts& alerts, Leases leases) {
  OverviewFacts facts;
  facts.settings = settings_;
  for (const MonitorConfig& monitor : config_.monitoring.monitors) facts.monitors.insert(*monitor.name);
  Status read = read_leases(facts);
  if (!read && leases == Leases::needed) return fail(std::move(read).error());
  facts.view.now = clock_.wall_now();
  BATON_TRY(Repository * repository, this->repository());
  if (repository == nullptr && !read) return fail(std::move(read).error());
  if (repository == nullptr) return facts;
  if (!read) {
    leases_.reset();
    facts.leases_away = without_leases(std::move(read).error());
  }
  BATON_CHECK(read_repository(*repository, alerts, facts));
  return facts;
}

Result<OverviewFacts> OverviewSource::facts() {
  MonitorAlerts alerts;
  return facts(alerts);
}

Result<OverviewFacts> OverviewSource::facts(MonitorAlerts& alerts) {
  return connect_anew_after_an_error(read_facts(alerts, Leases::needed));
}

Result<OverviewFacts> OverviewSource::connect_anew_after_an_error(Result<OverviewFacts> facts) {
  if (facts) return facts;
  repository_.reset();
  leases_.reset();
  return facts;
}

Result<Overview> OverviewSource::read() {
  MonitorAlerts alerts;
  BATON_TRY(const OverviewFacts seen, connect_anew_after_an_error(read_facts(alerts, Leases::wanted)));
  return make_overview(seen);
}

Result<std::optional<std::int64_t>> OverviewSource::fence(const std::string& job) {
  BATON_TRY(Repository * repository, this->repository());
  if (repository == nullptr) return std::nullopt;
  BATON_TRY(const std::int64_t fence, repository->database().read_fence(repository->record().repository_id(), job));
  return fence == 0 ? std::nullopt : std::optional(fence);
}

}  // namespace baton

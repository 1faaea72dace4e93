#include "app/overview_source.h"

#include "app/run_replica.h"
#include "monitor/trouble.h"

#include <algorithm>

namespace baton {
namespace {

// Of a job whose newest execution runs: where to look for the one before it.
constexpr std::int64_t newest_executions = 5;

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

Status OverviewSource::read_leases(OverviewFacts& facts) {
  if (leases_ == nullptr || !stores_.lease_store_reachable()) {
    BATON_TRY(leases_, stores_.find_lease_store());
  }
  if (leases_ == nullptr) return {};
  BATON_TRY(facts.leases, leases_->list(*config_.locks.heartbeat));
  const Instant now = clock_.now();
  for (const LeaseRecord& lease : facts.leases) {
    observer_.observe(lease, now);
    if (observer_.expired(lease, now)) facts.expired.insert(lease.key);
  }
  return {};
}

Status OverviewSource::read_runs(Repository& repository, const std::string& job, OverviewFacts& facts) {
  BATON_TRY(std::optional<InstanceState> run, repository.executions().last_run(job));
  if (!run) return {};
  const bool runs = !run->executions.empty() && is_running(run->executions.front().status);
  facts.runs.emplace(job, *std::move(run));
  if (!runs) return {};
  BATON_TRY(std::vector<JobExecution> newest, repository.executions().history(job, newest_executions));
  const auto ended =
      std::find_if(newest.begin(), newest.end(), [](const auto& one) { return !is_running(one.status); });
  if (ended != newest.end()) facts.ended.emplace(job, std::move(*ended));
  return {};
}

Result<OverviewFacts> OverviewSource::read_facts() {
  OverviewFacts facts;
  facts.settings = settings_;
  for (const MonitorConfig& monitor : config_.monitoring.monitors) facts.monitors.insert(*monitor.name);
  BATON_CHECK(read_leases(facts));
  facts.view.now = clock_.wall_now();
  BATON_TRY(Repository * repository, this->repository());
  if (repository == nullptr) return facts;
  facts.repository_there = true;
  BATON_TRY(facts.view, repository->replicas().look());
  BATON_TRY(const std::vector<Alert> alerts, repository->alerts().open());
  for (const Alert& alert : alerts) {
    if (alert.kind == name(Trouble::stalled)) facts.stalled.insert(alert.subject);
  }
  for (const ReplicaJob& job : settings_.jobs) BATON_CHECK(read_runs(*repository, job.name, facts));
  for (const LeaseRecord& lease : facts.leases) {
    const bool of_a_job = !lease.released && !facts.monitors.contains(lease.key);
    if (of_a_job && !facts.runs.contains(lease.key)) BATON_CHECK(read_runs(*repository, lease.key, facts));
  }
  return facts;
}

Result<OverviewFacts> OverviewSource::facts() {
  auto facts = read_facts();
  if (facts) return facts;
  repository_.reset();
  leases_.reset();
  return facts;
}

Result<Overview> OverviewSource::read() {
  BATON_TRY(const OverviewFacts seen, facts());
  return make_overview(seen);
}

Result<std::optional<std::int64_t>> OverviewSource::fence(const std::string& job) {
  BATON_TRY(Repository * repository, this->repository());
  if (repository == nullptr) return std::nullopt;
  BATON_TRY(const std::int64_t fence, repository->database().read_fence(repository->record().repository_id(), job));
  return fence == 0 ? std::nullopt : std::optional(fence);
}

}  // namespace baton

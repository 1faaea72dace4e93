// The advisory half of the repository (replicas, offers), and what people do there.
#include "tests/simulation/repository_server.h"

namespace baton {
namespace {

bool is_open(const JobExecution& execution) { return is_running(execution.status); }

}  // namespace

Status RepositoryServer::beat(const ReplicaRow& mine, const std::vector<std::string>& jobs) {
  ReplicaRow& row = replicas_[mine.id];
  const bool first = row.id.empty();
  const WallTime started = row.started;
  row = mine;
  row.beat = now();
  row.started = first ? row.beat : started;
  std::erase_if(replicas_, [&](const auto& one) { return one.second.beat + 30 * one.second.heartbeat < row.beat; });
  for (const std::string& job : jobs) {
    JobControl& control = jobs_[job].control;
    if (!control.job.empty() && control.first_seen != WallTime{}) continue;
    control.job = job;
    control.first_seen = now();
  }
  return {};
}

RepositoryView RepositoryServer::look() {
  RepositoryView view;
  view.now = now();
  view.replicas.reserve(replicas_.size());
  for (const auto& [id, row] : replicas_) view.replicas.push_back(row);
  view.jobs.reserve(jobs_.size());
  for (const auto& [job, rows] : jobs_) {
    view.jobs.push_back(rows.control);
    if (bugs().offers_without_receiver) view.jobs.back().offer.reset();
    for (const JobExecution& execution : open_executions(job)) {
      view.open.push_back({job, execution.id, execution.instance_id, execution.status, execution.fence});
    }
  }
  return view;
}

Status RepositoryServer::offer(const std::string& job, const Offer& offer, Duration valid) {
  std::optional<Offer>& open = jobs_[job].control.offer;
  if (open && now() < open->at + valid && open->by != offer.by) {
    return fail(ErrorKind::conflict, fmt::format("{} is offered to {}", job, open->to));
  }
  ++run_counts_.offers;
  trace().event("offer", job, offer.by, "to", offer.to);
  open = offer;
  open->at = now();
  jobs_[job].offered_under = leases().truth(job).acquisition;
  if (on_change) on_change();
  return {};
}

Status RepositoryServer::clear_offer(const std::string& job) {
  jobs_[job].control.offer.reset();
  return {};
}

Status RepositoryServer::answer_request(const TransactionSender& sender, const std::string& request_id) {
  BATON_CHECK(begin_and_guard(sender));
  check_committing(sender, "request answered");
  std::optional<JobRequest>& request = jobs_[sender.job].control.request;
  if (request && request->id == request_id) request.reset();
  return {};
}

Status RepositoryServer::leave(const std::string& replica) {
  replicas_.erase(replica);
  return {};
}

void RepositoryServer::pause(const std::string& job) {
  trace().event("person pauses", job);
  jobs_[job].control.pause = Pause{"person", "", now(), std::nullopt};
  if (on_change) on_change();
}

void RepositoryServer::resume(const std::string& job) {
  if (!jobs_[job].control.pause) return;
  trace().event("person resumes", job);
  jobs_[job].control.pause.reset();
  if (on_change) on_change();
}

void RepositoryServer::ask(const std::string& job, RequestKind kind, std::string id) {
  JobRows& rows = jobs_[job];
  if (rows.control.request) return;
  trace().event("person asks", job, name(kind));
  JobRequest request;
  request.id = std::move(id);
  request.kind = kind;
  request.by = "person";
  request.at = now();
  const bool runs = rows.last && !rows.last->executions.empty() && is_open(rows.last->executions.back());
  if (runs) request.after_instance = rows.last->id;
  rows.control.request = std::move(request);
  if (on_change) on_change();
}

void RepositoryServer::request_stop(const std::string& job) {
  JobRows& rows = jobs_[job];
  if (!rows.last || rows.last->executions.empty()) return;
  JobExecution& newest = rows.last->executions.back();
  if (newest.status == BatchStatus::completed || newest.status == BatchStatus::abandoned) return;
  trace().event("person stops", job, "instance", rows.last->id);
  rows.control.stop_instance = rows.last->id;
  if (on_change) on_change();
  if (!is_running(newest.status)) return;
  newest.status = BatchStatus::stopping;
  ++newest.version;
}

std::vector<std::string> RepositoryServer::jobs_seen() const {
  std::vector<std::string> jobs;
  for (const auto& [job, rows] : jobs_) jobs.push_back(job);
  return jobs;
}

std::optional<Offer> RepositoryServer::offer_of(const std::string& job, std::int64_t acquisition) const {
  const auto found = jobs_.find(job);
  return found == jobs_.end() || found->second.offered_under != acquisition ? std::nullopt
                                                                            : found->second.control.offer;
}

std::int64_t RepositoryServer::completed_of(const std::string& job) const {
  const auto found = jobs_.find(job);
  return found == jobs_.end() ? 0 : found->second.completed;
}

}  // namespace baton

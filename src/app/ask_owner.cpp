#include "app/ask_owner.h"

#include "app/person.h"
#include "batch/held_back.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

constexpr Duration slowest_poll(200);
constexpr Duration patience_grace(5'000);  // beyond twice the lease, as for a lease that is waited for

OnceReport refused(const std::string& job, ExitCode code, std::string message) {
  OnceReport report;
  report.job = job;
  report.code = code;
  report.message = std::move(message);
  return report;
}

std::string message_of(const std::string& job, const JobExecution& execution) {
  if (execution.status == BatchStatus::stopped && execution.ended_by == EndedBy::person) {
    return fmt::format("stopped as somebody asked; baton restart {} carries it on", job);
  }
  if (execution.status == BatchStatus::stopped) return "stopped by a shutdown; the next owner carries it on";
  return execution.status == BatchStatus::failed ? execution.exit.description : "";
}

OnceReport report_of(const std::string& job, Followed followed) {
  const auto for_now = [&](std::string message) { return refused(job, ExitCode::for_now, std::move(message)); };
  switch (followed.end) {
    case Followed::End::run: break;
    case Followed::End::text: return refused(job, ExitCode::job_failed, std::move(followed.text));
    case Followed::End::taken_back: return for_now("the request was taken back by another command");
    case Followed::End::pending: return for_now("the request stays; it runs when a replica gets to it");
    case Followed::End::unowned: return for_now("no live replica owns it");
    case Followed::End::running:
      return for_now(fmt::format("its run goes on without being followed; baton history {} shows its end", job));
    case Followed::End::stuck:
      return for_now("its run is unfinished and no live replica owns the job; the next owner carries it on");
  }
  OnceReport report = refused(job, exit_code(*followed.execution), message_of(job, *followed.execution));
  report.elapsed = followed.elapsed;
  report.execution = std::move(followed.execution);
  return report;
}

}  // namespace

OwnerDesk::OwnerDesk(const Config& config, std::unique_ptr<Repository> repository, LeaseStore& leases, Clock& clock,
                     Random& random, Log& log)
    : config_(config),
      repository_(std::move(repository)),
      clock_(clock),
      random_(random),
      log_(log),
      owners_(repository_->replicas(), leases, *config.locks.heartbeat) {}

Result<std::unique_ptr<OwnerDesk>> OwnerDesk::open(const Config& config, const Stores& stores, LeaseStore& leases,
                                                   Clock& clock, Random& random, Log& log) {
  BATON_TRY(auto repository, stores.repository(RepositoryAccess::create));
  return std::unique_ptr<OwnerDesk>(new OwnerDesk(config, std::move(repository), leases, clock, random, log));
}

Result<bool> OwnerDesk::paused(const std::string& job) {
  BATON_TRY(const JobControl kept, this->control().state(job));
  return kept.paused(clock_.wall_now());
}

Result<std::string> OwnerDesk::ask(const std::string& job, const JobRequest& request) {
  if (request.kind == RequestKind::run) {
    BATON_TRY(const std::optional<InstanceState> last, executions().last_run(job));
    const std::optional<std::string> held_back = last ? why_held_back(job, *last) : std::nullopt;
    if (held_back) return fail(ErrorKind::invalid, *held_back);
  }
  return control().ask(job, request);
}

JobRequest OwnerDesk::make_request(RequestKind kind, JobParameters parameters) const {
  JobRequest request;
  request.id = uuid(random_);
  request.kind = kind;
  request.by = person();
  request.at = clock_.wall_now();
  request.parameters = std::move(parameters);
  request.even_paused = kind == RequestKind::abandon;  // it runs nothing
  return request;
}

FollowSettings OwnerDesk::settings(const JobConfig& job, std::optional<Duration> wait) const {
  FollowSettings settings;
  settings.job = *job.name;
  settings.restarts = job.on_failure.restarts;
  settings.backoff = job.on_failure.backoff;
  settings.poll = std::min(*config_.locks.refresh, slowest_poll);
  settings.patience = wait.value_or(2 * *config_.locks.lease + patience_grace);
  return settings;
}

Result<Followed> OwnerDesk::follow(FollowSettings settings, const std::string& request, const std::stop_token& stop) {
  return RequestFollower(std::move(settings), control(), executions(), owners_, clock_, log_, stop).follow(request);
}

OnceReport OwnerDesk::follow(const JobConfig& job, const std::string& request, const std::stop_token& stop) {
  Result<Followed> followed = follow(settings(job, std::nullopt), request, stop);
  if (!followed) return refused(*job.name, exit_code(followed.error()), followed.error().message);
  return report_of(*job.name, std::move(*followed));
}

// What was asked for is told in words; whether it was done, the repository knows.
Result<OnceReport> OwnerDesk::report_abandoned(const std::string& job, std::int64_t unfinished, std::string text) {
  BATON_TRY(std::vector<JobExecution> history, executions().history(job, 100));
  const auto found = std::find_if(history.begin(), history.end(), [&](const JobExecution& execution) {
    return execution.id >= unfinished && execution.status == BatchStatus::abandoned;
  });
  if (found == history.end()) return refused(job, ExitCode::job_failed, std::move(text));
  OnceReport report = refused(job, ExitCode::done, "");
  report.execution = std::move(*found);
  return report;
}

// Stopped by a signal before the replica got to it. A request of another command's is not ours to take back.
OnceReport OwnerDesk::give_up(const std::string& job, const JobRequest& request, const std::string& id) {
  Followed followed;
  followed.end = Followed::End::pending;
  if (id != request.id) return report_of(job, std::move(followed));
  const auto taken_back = control().withdraw(job, id);
  if (taken_back && *taken_back) return refused(job, ExitCode::for_now, "the request was taken back");
  followed.end = Followed::End::running;
  return report_of(job, std::move(followed));
}

Result<std::optional<OnceReport>> OwnerDesk::run_by_owner(const JobConfig& job, const JobRequest& request,
                                                          std::optional<Duration> wait, const std::stop_token& stop) {
  const std::string& name = *job.name;
  BATON_TRY(const std::vector<JobExecution> before, executions().history(name, 1));
  const Result<std::string> id = ask(name, request);
  if (!id) {
    const bool cannot = id.error().kind == ErrorKind::invalid;
    return refused(name, cannot ? ExitCode::job_failed : exit_code(id.error()), id.error().message);
  }
  FollowSettings how = settings(job, wait);
  how.unowned_after = 3 * *config_.locks.refresh;
  BATON_TRY(Followed followed, follow(std::move(how), *id, stop));
  if (followed.end == Followed::End::unowned) {
    if (*id != request.id) return std::optional<OnceReport>();  // another's, which the next launch answers
    BATON_TRY(const bool taken_back, control().withdraw(name, *id));
    if (taken_back) return std::optional<OnceReport>();
    return follow(job, *id, stop);  // it was answered at the last moment
  }
  if (followed.end == Followed::End::pending) return give_up(name, request, *id);
  if (request.kind == RequestKind::abandon && followed.end == Followed::End::text) {
    BATON_TRY(OnceReport report,
              report_abandoned(name, before.empty() ? 0 : before.front().id, std::move(followed.text)));
    return report;
  }
  return report_of(name, std::move(followed));
}

}  // namespace baton

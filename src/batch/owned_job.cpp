#include "batch/owned_job.h"

#include "batch/abandon.h"
#include "batch/orphans.h"
#include "batch/persist.h"

#include <fmt/format.h>

namespace baton {
namespace {

OwnershipRequest ownership_request(const OwnedJobParts& parts, const std::string& job) {
  OwnershipRequest request;
  request.job = job;
  request.replica = parts.replica;
  request.repository = parts.repository;
  request.targets = parts.targets;
  request.open_recorded = parts.open_recorded;
  request.stop = parts.stop;
  request.warn = [&parts](const std::string& text) { parts.listener->note(text); };
  return request;
}

// Tries again while the lease is trusted: who does not know that a run has ended would make it a second time.
Result<std::optional<LastRun>> last_run(const OwnedJobParts& parts, const Guard& guard) {
  BATON_TRY(const std::optional<InstanceState> instance,
            persist<std::optional<InstanceState>>(
                *parts.clock, guard, [&] { return parts.executions->last_run(parts.plan->name); }, parts.stop));
  return instance ? std::optional(last_run_of(*instance)) : std::nullopt;
}

void tell_closed(const OwnedJobParts& parts, const std::vector<JobExecution>& closed) {
  for (const JobExecution& execution : closed) {
    parts.listener->note(fmt::format("execution {} of \"{}\" had no owner: closed as {}", execution.id, execution.job,
                                     name(execution.status)));
  }
}

SessionRequest session_request(const OwnedJobParts& parts, const Ownership& ownership, const RunOrder& order,
                               std::stop_token stop) {
  SessionRequest session;
  session.plan = parts.plan;
  session.ownership = &ownership;
  session.executions = parts.executions;
  session.repository_database = parts.repository->identity();
  session.make_steps = parts.make_steps;
  session.clock = parts.clock;
  session.stop = std::move(stop);
  session.listener = parts.listener;
  session.reason = order.reason;
  session.due = order.due;
  session.missed = order.missed;
  session.answers = order.request;
  session.signals = order.signals.get();
  session.one_execution = true;
  session.from_start = order.kind == RequestKind::restart_from_start;
  session.only_unfinished = session.ignore_orphan_limit =
      order.kind == RequestKind::restart || order.kind == RequestKind::restart_from_start;
  return session;
}

// A person's request that cannot be done is answered, so that the asker hears of it and it is not tried for ever.
Status answer(const OwnedJobParts& parts, const Ownership& ownership, const RunOrder& order, const std::string& text) {
  if (!order.request) return {};
  const Authority authority = ownership.in(parts.repository->identity());
  return parts.replicas->answer_request(authority, *order.request, text);
}

Status run_once(const OwnedJobParts& parts, const Ownership& ownership, const RunOrder& order,
                const SessionRequest& session, RunOutcome& outcome) {
  Result<SessionReport> report = run_session(session);
  if (!report) {
    if (report.error().kind != ErrorKind::invalid || !order.request) return fail(report.error());
    outcome.message = report.error().message;
    outcome.request = order.request;
    return answer(parts, ownership, order, outcome.message);
  }
  outcome.message = std::move(report->message);
  if (!report->launched) return {};
  outcome.request = report->execution.request;
  outcome.execution = std::move(report->execution);
  return {};
}

Status abandon(const OwnedJobParts& parts, const Ownership& ownership, const RunOrder& order,
               const SessionRequest& session, RunOutcome& outcome) {
  Result<JobExecution> abandoned = abandon_run(session);
  if (!abandoned && abandoned.error().kind != ErrorKind::invalid) return fail(abandoned.error());
  outcome.request = order.request;
  outcome.message =
      abandoned ? fmt::format("execution {} is {}", abandoned->id, name(abandoned->status)) : abandoned.error().message;
  return answer(parts, ownership, order, outcome.message);
}

// The database behind a connection may be another one since the fences were raised: a file that was replaced.
Status check_fenced(const OwnedJobParts& parts, const Ownership& ownership) {
  const auto check = [&](const Database& database) -> Status {
    if (ownership.fences.contains(database.identity())) return {};
    return fail(ErrorKind::lease_lost, fmt::format("{}: {} was not fenced: its owner has to be become again",
                                                   ownership.job, database.identity()));
  };
  BATON_CHECK(check(*parts.repository));
  for (const Database* target : parts.targets) BATON_CHECK(check(*target));
  return {};
}

}  // namespace

Result<OwnedJob> own_job(const OwnedJobParts& parts) {
  OwnedJob owned;
  BATON_TRY(owned.ownership,
            become_owner(ownership_request(parts, parts.plan->name), *parts.record, *parts.lease, *parts.clock));
  BATON_TRY(const auto steps, parts.make_steps());
  const Authority authority = owned.ownership.in(parts.repository->identity());
  BATON_TRY(const std::vector<JobExecution> closed,
            close_orphans(authority, parts.replica, parts.clock->wall_now(), *parts.executions,
                          progress_lookup(steps, owned.ownership.repository_id)));
  tell_closed(parts, closed);
  BATON_CHECK(parts.replicas->clear_offer(parts.plan->name));
  BATON_TRY(owned.last, last_run(parts, owned.ownership.guard));
  return owned;
}

Result<RunOutcome> run_owned(const OwnedJobParts& parts, const Ownership& ownership, const RunOrder& order,
                             std::stop_token stop) {
  BATON_CHECK(check_fenced(parts, ownership));
  RunOutcome outcome;
  const SessionRequest session = session_request(parts, ownership, order, std::move(stop));
  if (order.kind == RequestKind::abandon) {
    BATON_CHECK(abandon(parts, ownership, order, session, outcome));
  } else {
    BATON_CHECK(run_once(parts, ownership, order, session, outcome));
  }
  BATON_TRY(outcome.last, last_run(parts, ownership.guard));
  return outcome;
}

Status close_nobodys(const OwnedJobParts& parts, const std::string& job) {
  OwnershipRequest request = ownership_request(parts, job);
  request.targets.clear();
  request.repository_only = true;
  BATON_TRY(const Ownership ownership, become_owner(request, *parts.record, *parts.lease, *parts.clock));
  // Progress in other databases is the next owner's to look at: here it is out of reach.
  const ProgressLookup lookup = [&](std::int64_t instance, const std::string& step) {
    return parts.repository->read_progress({ownership.repository_id, instance, step});
  };
  BATON_TRY(const std::vector<JobExecution> closed,
            close_orphans(ownership.in(parts.repository->identity()), parts.replica, parts.clock->wall_now(),
                          *parts.executions, lookup));
  tell_closed(parts, closed);
  return {};
}

}  // namespace baton

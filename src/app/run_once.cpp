#include "app/run_once.h"

#include "app/ask_owner.h"
#include "app/build_steps.h"
#include "app/lease_store_check.h"
#include "app/pings.h"
#include "app/run_log.h"
#include "app/run_replica.h"
#include "batch/abandon.h"
#include "batch/become_owner.h"
#include "batch/request_rules.h"
#include "config/session_needs.h"
#include "runtime/lease_keeper.h"
#include "runtime/limit_watch.h"
#include "runtime/stop_watch.h"

#include <fmt/format.h>
#include <algorithm>
#include <atomic>
#include <thread>

namespace baton {
namespace {

// One job of the request: lease, ownership, session, release.
class OnceRun {
 public:
  struct Shared {
    const Config& config;
    const OnceRequest& request;
    Stores& stores;
    LeaseStore& leases;
    Clock& clock;
    Random& random;
    Log& log;
    ProgressLine& line;
    LeaseKeeper& keeper;
    const NativeParts& natives;
    Pings& pings;
    std::stop_token stop;
  };

  OnceRun(const Shared& shared, const JobConfig& job) : shared_(shared), job_(job), name_(job.name.value) {}

  OnceReport run();

 private:
  Result<OnceReport> run_where_it_is_owned();
  Result<std::shared_ptr<LeaseHold>> take_lease(OwnerDesk& desk);
  OnceReport run_here(LeaseHold& lease, Control& control);
  Status under_lease(LeaseHold& lease, Control& control, OnceReport& report);
  Status act(const Ownership& ownership, RunStores& stores, Control& control, OnceReport& report);
  Result<Ownership> own(RunStores& stores, LeaseHold& lease);

  const Shared& shared_;
  const JobConfig& job_;
  const std::string name_;
};

// --from-start is about an unfinished run, so a replica is asked to restart it.
RequestKind kind_of(OnceAction action, bool from_start) {
  if (from_start) return RequestKind::restart_from_start;
  switch (action) {
    case OnceAction::run: return RequestKind::run;
    case OnceAction::restart: return RequestKind::restart;
    case OnceAction::abandon: return RequestKind::abandon;
  }
  return RequestKind::run;
}

Result<Ownership> OnceRun::own(RunStores& stores, LeaseHold& lease) {
  OwnershipRequest request;
  request.job = name_;
  request.replica = shared_.keeper.owner_name();
  request.repository = &stores.repository();
  request.targets = stores.targets();
  request.open_recorded = [this](const std::string& identity) { return shared_.stores.open_recorded(identity); };
  request.warn = [this](const std::string& text) { shared_.log.warn(text); };
  return become_owner(request, stores.record(), lease, shared_.clock);
}

Status OnceRun::act(const Ownership& ownership, RunStores& stores, Control& control, OnceReport& report) {
  JobPlan plan = make_plan(job_, stores.key_format());
  override_parameters(plan.parameters, shared_.request.parameters);
  std::stop_source stop;
  const std::stop_callback forward(shared_.stop, [&stop] { stop.request_stop(); });
  StopWatch watch(control, shared_.clock, *shared_.config.locks.refresh, stop);
  RunSignals signals;
  const LimitWatch limits(limits_of(job_.watch), signals, shared_.clock, stop,
                          [this](const std::string& text) { shared_.log.warn(fmt::format("{}: {}", name_, text)); });
  RunLog listener(shared_.log, shared_.line, shared_.clock, name_);
  listener.on_launch([&watch](std::int64_t execution) { watch.watch(execution); });

  SessionRequest session;
  session.plan = &plan;
  session.ownership = &ownership;
  session.executions = &stores.executions();
  session.repository_database = stores.repository().identity();
  session.make_steps = [&] { return make_steps(job_, stores, shared_.config.shutdown_grace, shared_.natives); };
  session.clock = &shared_.clock;
  session.stop = stop.get_token();
  PingedRun pinged(shared_.pings, listener, name_);
  session.listener = &pinged;
  session.signals = &signals;
  session.from_start = shared_.request.from_start;
  session.only_unfinished = session.ignore_orphan_limit = shared_.request.action == OnceAction::restart;
  if (shared_.request.action == OnceAction::abandon) {
    BATON_TRY(report.execution, abandon_run(session));
    return {};
  }
  BATON_TRY(SessionReport done, run_session(session));
  report.message = std::move(done.message);
  report.code = ExitCode::job_failed;
  if (!done.launched) return {};
  if (done.carried_on && !shared_.request.parameters.empty()) {
    shared_.log.warn(
        fmt::format("{}: an unfinished run was carried on with its own parameters; those given were not used", name_));
  }
  report.code = exit_code(done.execution);
  report.execution = std::move(done.execution);
  if (report.execution->status == BatchStatus::stopped) {
    report.message = report.code == ExitCode::for_now
                         ? "stopped by a signal; run it again to carry it on"
                         : fmt::format("stopped as somebody asked; baton restart {} carries it on", name_);
  }
  return {};
}

// An owner whose fence is refused while its lease still renews becomes the owner again, once (P8).
// `control` is on a connection of its own.
Status OnceRun::under_lease(LeaseHold& lease, Control& control, OnceReport& report) {
  auto stores = shared_.stores.open_run(job_);
  if (!stores) {
    report.code = exit_code(stores.error());
    report.message = stores.error().message;
    return {};
  }
  for (int attempt = 0;; ++attempt) {
    BATON_TRY(const Ownership ownership, own(**stores, lease));
    const Status acted = act(ownership, **stores, control, report);
    if (acted || acted.error().kind != ErrorKind::lease_lost) return acted;
    shared_.log.warn(fmt::format("{}: {}", name_, acted.error().message));
    if (attempt > 0 || !lease.renew_now()) return acted;
  }
}

// The lease, unless a live replica has taken the job meanwhile: empty then.
Result<std::shared_ptr<LeaseHold>> OnceRun::take_lease(OwnerDesk& desk) {
  std::stop_source instead;
  const std::stop_callback forward(shared_.stop, [&instead] { instead.request_stop(); });
  std::jthread watch([&](const std::stop_token& taken) {
    const Duration refresh = *shared_.config.locks.refresh;
    while (shared_.clock.wait_until(shared_.clock.now() + refresh, taken)) {
      const auto owner = desk.owner(name_);
      if (owner && *owner) instead.request_stop();
    }
  });
  auto lease = shared_.keeper.take(name_, shared_.request.wait, instead.get_token());
  watch.request_stop();
  watch.join();
  if (!lease && instead.stop_requested() && !shared_.stop.stop_requested()) return std::shared_ptr<LeaseHold>();
  return lease;
}

OnceReport OnceRun::run_here(LeaseHold& lease, Control& control) {
  OnceReport report;
  report.job = name_;
  const Instant began = shared_.clock.now();  // waiting for the lease is no part of the run
  if (const Status done = under_lease(lease, control, report); !done) {
    // What is wrong with the job itself is the job's failure, not the program's.
    report.code = done.error().kind == ErrorKind::invalid ? ExitCode::job_failed : exit_code(done.error());
    report.message = done.error().message;
  }
  if (const Status released = shared_.keeper.release(name_); !released) {
    shared_.log.warn(
        fmt::format("{}: the lease was not released and expires by itself: {}", name_, released.error().message));
  }
  report.elapsed = std::chrono::duration_cast<Duration>(shared_.clock.now() - began);
  return report;
}

Result<OnceReport> OnceRun::run_where_it_is_owned() {
  BATON_TRY(const auto desk, OwnerDesk::open(shared_.config, shared_.stores, shared_.leases, shared_.clock,
                                             shared_.random, shared_.log));
  while (true) {
    BATON_TRY(const std::optional<std::string> owner, desk->owner(name_));
    if (owner) {
      shared_.log.info(fmt::format("{}: replica {} owns it, so it is asked to do it", name_, *owner));
      const JobRequest request =
          desk->make_request(kind_of(shared_.request.action, shared_.request.from_start), shared_.request.parameters);
      BATON_TRY(std::optional<OnceReport> report,
                desk->run_by_owner(job_, request, shared_.request.wait, shared_.stop));
      if (report) return std::move(*report);
      shared_.log.info(fmt::format("{}: no live replica owns it any more, so it is run here", name_));
    }
    BATON_TRY(const std::shared_ptr<LeaseHold> lease, take_lease(*desk));
    if (lease) return run_here(*lease, desk->control());
  }
}

OnceReport OnceRun::run() {
  Result<OnceReport> report = run_where_it_is_owned();
  if (report) return std::move(*report);
  OnceReport failed;
  failed.job = name_;
  failed.code = exit_code(report.error());
  failed.message = std::move(report.error().message);
  return failed;
}

Status adopt_lease_store(const Config& config, Stores& stores, LeaseStore& leases) {
  BATON_TRY(const auto repository, stores.repository(RepositoryAccess::create));
  BATON_TRY(const std::string identity, leases.identity(*config.locks.heartbeat));
  return repository->record().adopt_lease_store(identity);
}

// So many runs, whichever they are, have their sessions at the same time; each has one more that asks.
std::size_t at_a_time(const Config& config, const OnceRequest& request) {
  std::size_t most = config.tokens ? static_cast<std::size_t>(**config.tokens) : request.jobs.size();
  most = std::min(most, request.jobs.size());
  const SessionCounts allowed = pools(config);
  for (const JobConfig* job : request.jobs) {
    for (const auto& [name, count] : sessions_of_run(*job, config)) {
      const int each = count + (name.empty() ? sessions_beside_runs : 0);
      most = std::min(most, static_cast<std::size_t>(std::max(1, allowed.at(name) / each)));
    }
  }
  return most;
}

}  // namespace

Result<std::vector<OnceReport>> run_once(const Config& config, const OnceRequest& request, Stores& stores, Clock& clock,
                                         Random& random, Log& log, const NativeParts& natives, std::stop_token stop) {
  BATON_CHECK(stores.check_supported());
  BATON_CHECK(check_lease_store(config, stores));
  BATON_TRY(const auto lease_store, stores.lease_store());
  BATON_CHECK(adopt_lease_store(config, stores, *lease_store));

  const LeaseTimings timings{*config.locks.lease, *config.locks.heartbeat, *config.locks.refresh};
  BATON_CHECK(timings.check());
  LeaseKeeper keeper(*lease_store, clock, random, timings, fresh_replica_id(random),
                     [&log](const std::string& text) { log.warn(text); });
  ProgressLine line(log, clock);
  Pings pings(config, clock, log);
  const OnceRun::Shared shared{config, request, stores, *lease_store, clock, random,
                               log,    line,    keeper, natives,      pings, stop};

  std::vector<OnceReport> reports(request.jobs.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < request.jobs.size(); i = next++)
      reports[i] = OnceRun(shared, *request.jobs[i]).run();
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < at_a_time(config, request); ++i) threads.emplace_back(work);
  work();
  threads.clear();
  return reports;
}

}  // namespace baton

#include "app/run_replica.h"

#include "app/alert_desk.h"
#include "app/global_monitors.h"
#include "app/job_work.h"
#include "app/late_lease_store.h"
#include "app/monitoring_board.h"
#include "app/owned_replicas.h"
#include "app/replica_observed.h"
#include "app/replica_service.h"
#include "base/duration.h"
#include "replica/timings_in_words.h"

#include <fmt/format.h>
#include <unistd.h>
#include <array>
#include <utility>

namespace baton {
namespace {

Balance balance_of(BalanceConfig written) { return written == BalanceConfig::greedy ? Balance::greedy : Balance::fair; }

// The repository, and the proof that its replicas exclude each other: they share one lease store (P8).
Result<std::unique_ptr<Repository>> open_repository(const CommandContext& context, LeaseStore& leases) {
  BATON_TRY(auto repository, context.stores.repository(RepositoryAccess::create));
  BATON_TRY(const std::string identity, leases.identity(*context.config.locks.heartbeat));
  BATON_CHECK(repository->record().adopt_lease_store(identity));
  return repository;
}

// What trying again cannot mend must be said before the replica starts. Null where the repository is away.
Result<std::unique_ptr<Repository>> first_repository(const CommandContext& context, LeaseStore& leases) {
  const auto found = context.stores.find_lease_store();
  if (!found && found.error().kind == ErrorKind::invalid) return fail(found.error());
  auto opened = open_repository(context, leases);
  if (opened) return opened;
  if (opened.error().kind == ErrorKind::invalid && context.stores.repository_reachable()) return opened;
  return nullptr;
}

void tell_start(const CommandContext& context, const ReplicaSettings& settings) {
  const auto jobs = static_cast<std::int64_t>(settings.jobs.size());
  context.log.info(fmt::format("replica {}: {} token{} for {} job{}; job repository {}, leases in {}", settings.id,
                               settings.tokens, settings.tokens == 1 ? "" : "s", jobs, jobs == 1 ? "" : "s",
                               context.config.repository.database.shown, context.stores.lease_store_shown()));
  for (const std::string& sentence : timings_in_words(settings.timings)) context.log.info(sentence);
}

std::shared_ptr<void> listen(const CommandContext& context, const std::function<void(const ChangesNoticed&)>& changed) {
  ChangeHooks hooks;
  hooks.leases = [changed] { changed({true, false}); };
  hooks.repository = [changed] { changed({false, true}); };
  const std::string refresh = to_text(*context.config.locks.refresh);
  hooks.cannot = [&log = context.log, refresh](const std::string& why) {
    log.warn(
        fmt::format("changes that others make are noticed within locks.refresh ({}) only, until LISTEN is possible: {}",
                    refresh, why));
  };
  auto listening = context.stores.listen(hooks);
  if (listening) return *std::move(listening);
  hooks.cannot(listening.error().message);
  return nullptr;
}

void tell(Log& log, const Tell& line) {
  switch (line.level) {
    case Tell::Level::info: return log.info(line.text);
    case Tell::Level::warning: return log.warn(line.text);
    case Tell::Level::error: return log.error(line.text);
  }
}

}  // namespace

std::string fresh_replica_id(Random& random) {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) return "replica-" + hex(random, 8);
  return std::string(host.data()) + "-" + hex(random, 8);
}

RunLimits limits_of(const WatchConfig& watch) {
  RunLimits limits{watch.timeout, watch.stall, StallAction::report};
  if (watch.on_stall == OnStall::restart) limits.on_stall = StallAction::restart;
  if (watch.on_stall == OnStall::release) limits.on_stall = StallAction::release;
  return limits;
}

ReplicaSettings replica_settings(const Config& config, std::string id) {
  ReplicaSettings settings;
  settings.id = std::move(id);
  settings.pid = getpid();
  settings.tokens = config.tokens ? **config.tokens : static_cast<std::int64_t>(config.jobs.size());
  settings.balance = balance_of(config.balance);
  settings.timings = {*config.locks.lease, *config.locks.heartbeat, *config.locks.refresh};
  settings.config_hash = config.hash;
  for (const JobConfig& job : config.jobs) {
    settings.jobs.push_back({*job.name, *job.schedule, job.on_failure.restarts, job.on_failure.backoff,
                             limits_of(job.watch), config.grace(job)});
  }
  return settings;
}

ExitCode run_replica_until(const CommandContext& context, std::stop_token stop) {
  if (const Status supported = context.stores.check_supported(); !supported) return report(supported.error());
  const ReplicaSettings settings = replica_settings(context.config, fresh_replica_id(context.random));
  if (const Status timings = settings.timings.check(); !timings) return report(timings.error());
  LateLeaseStore leases([&context] { return context.stores.untried_lease_store(); });
  auto first = first_repository(context, leases);
  if (!first) return report(first.error());
  tell_start(context, settings);

  ConfiguredWork work(context.config, context.stores, context.clock, context.log, settings.id);
  RunMeter meter(context.config);
  if (context.config.server) work.measure_with(meter);
  MonitoringBoard board(context.config);
  ReplicaWatch watch;
  watch.ticked({context.clock.now(), false, false, false});
  const ReplicaObserved observed({&context.config, settings.id, settings.tokens, &watch, &meter, &context.clock,
                                  [&board] { return board.shown(); }});
  const auto service = start_service(context.config.server, observed, context.log);
  ReplicaParts parts;
  parts.watch = context.config.server ? &watch : nullptr;
  parts.leases = &leases;
  parts.open_replicas = [&]() -> Result<std::unique_ptr<Replicas>> {
    std::unique_ptr<Repository> repository = std::exchange(*first, nullptr);
    if (repository == nullptr) {
      BATON_TRY(repository, open_repository(context, leases));
    }
    return std::make_unique<OwnedReplicas>(std::move(repository));
  };
  parts.work = &work;
  parts.clock = &context.clock;
  parts.random = &context.random;
  parts.listen = [&context](const auto& changed) { return listen(context, changed); };
  AlertDesk desk(context.config, context.stores, context.clock, context.log);
  parts.note_stall = [&desk](const NoteStall& stall) { desk.note(stall); };
  const GlobalMonitors monitors(context, settings.id, desk, board);
  parts.tell = [&context](const Tell& line) { tell(context.log, line); };
  run_replica(settings, parts, std::move(stop));
  context.log.info(fmt::format("replica {}: everything is released; the end", settings.id));
  return ExitCode::done;
}

}  // namespace baton

#include "app/run_replica.h"

#include "app/alert_desk.h"
#include "app/config_advice.h"
#include "app/global_monitors.h"
#include "app/job_work.h"
#include "app/late_lease_store.h"
#include "app/monitoring_board.h"
#include "app/owned_replicas.h"
#include "app/replica_observed.h"
#include "app/replica_service.h"
#include "app/retention_rounds.h"
#include "app/self_watch.h"
#include "app/store_outages.h"
#include "base/duration.h"
#include "replica/timings_in_words.h"

#include <fmt/format.h>
#include <unistd.h>
#include <array>
#include <optional>
#include <utility>

namespace baton {
namespace {

Balance balance_of(BalanceConfig written) { return written == BalanceConfig::greedy ? Balance::greedy : Balance::fair; }

// Where the lease store is away the proof is asked for again at each look, and no lease is taken before it is given.
Result<std::unique_ptr<OwnedReplicas>> open_replicas(const CommandContext& context, LeaseStoreProof& proof) {
  BATON_TRY(auto repository, context.stores.repository(RepositoryAccess::create));
  BATON_TRY(const bool given, proof.give(repository->record()));
  return std::make_unique<OwnedReplicas>(std::move(repository), given ? nullptr : &proof);
}

// What trying again cannot mend must be said before the replica starts. Null where the repository is away.
Result<std::unique_ptr<OwnedReplicas>> first_replicas(const CommandContext& context, LeaseStoreProof& proof) {
  const auto found = context.stores.find_lease_store();
  if (!found && found.error().kind == ErrorKind::invalid) return fail(found.error());
  auto opened = open_replicas(context, proof);
  if (opened) return opened;
  if (opened.error().kind == ErrorKind::invalid && context.stores.repository_reachable()) return opened;
  return nullptr;
}

void tell_start(const CommandContext& context, const ReplicaSettings& settings) {
  const auto jobs = static_cast<std::int64_t>(settings.jobs.size());
  context.log.info(fmt::format("replica {}: {} token{} for {} job{}; job repository {}, leases in {}", settings.id,
                               settings.tokens, settings.tokens == 1 ? "" : "s", jobs, jobs == 1 ? "" : "s",
                               context.config.repository.database.shown, context.stores.lease_store_shown()));
  for (const std::string& advice : advice_on(context.config)) context.log.warn(advice);
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
  if (!watch.timeout && !watch.stall) limits.stall = stall_of_the_unbounded;
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
  LeaseStoreProof proof(leases, *context.config.locks.heartbeat);
  auto first = first_replicas(context, proof);
  if (!first) return report(first.error());
  tell_start(context, settings);

  Pings pings(context.config, context.clock, context.log);
  ConfiguredWork work(context.config, context.stores, context.clock, context.log, settings.id,
                      steps_with(context.natives));
  work.ping_with(pings);
  RunMeter meter(context.config);
  if (context.config.server) work.measure_with(meter);
  MonitoringBoard board(context.config);
  ReplicaWatch watch;
  watch.ticked({context.clock.now(), false, false, false});
  const ReplicaObserved observed({&context.config, settings.id, settings.tokens, &watch, &meter, &context.clock,
                                  [&board](Instant now) { return board.shown(now); }});
  const auto service = start_service(context.config.server, observed, context.log);
  ReplicaParts parts;
  parts.watch = &watch;
  parts.leases = &leases;
  parts.open_replicas = [&]() -> Result<std::unique_ptr<Replicas>> {
    std::unique_ptr<Replicas> replicas = std::exchange(*first, nullptr);
    if (replicas == nullptr) {
      BATON_TRY(replicas, open_replicas(context, proof));
    }
    return replicas;
  };
  parts.work = &work;
  parts.clock = &context.clock;
  parts.random = &context.random;
  parts.listen = [&context](const auto& changed) { return listen(context, changed); };
  AlertDesk desk(context, settings.id);
  parts.note_stall = [&desk](const NoteStall& stall) { desk.note(stall); };
  std::optional<OutageWatch> outages(
      std::in_place, OutageRules{context.config.monitoring.grace, context.config.alerts.remind, settings.id}, watch,
      context.clock, desk);
  std::optional<SelfWatch> self(std::in_place, context, settings, SelfWatch::Parts{watch, *outages, desk, board});
  const RetentionRounds retention(context, settings.id);
  const GlobalMonitors monitors(context, settings.id, desk, board, pings);
  parts.tell = [&context](const Tell& line) { tell(context.log, line); };
  run_replica(settings, parts, std::move(stop));
  pings.close();
  self.reset();
  outages.reset();
  context.log.info(fmt::format("replica {}: everything is released; the end", settings.id));
  return ExitCode::done;
}

}  // namespace baton

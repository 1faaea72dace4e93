#include "app/retention_rounds.h"

#include "base/duration.h"
#include "batch/retention.h"
#include "replica/jobs_to_prune.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {
namespace {

constexpr Duration longest_round(3'600'000), shortest_round(1'000);
constexpr Duration after_the_start(60'000);
constexpr Duration after_an_error(60'000);
constexpr std::int64_t rounds_of_an_age = 24;

// Replicas that were started together do not go on together.
Duration jittered(Duration length, Random& random) {
  return length +
         Duration(static_cast<Duration::rep>(below(random, static_cast<std::uint64_t>(length.count()) / 4 + 1)));
}

void tell(Log& log, const PruneCounts& counts) {
  if (counts.executions + counts.rejects + counts.alerts == 0) return;
  log.info(fmt::format("retention: deleted {} execution{}, {} reject{}, {} alert{}", counts.executions,
                       counts.executions == 1 ? "" : "s", counts.rejects, counts.rejects == 1 ? "" : "s", counts.alerts,
                       counts.alerts == 1 ? "" : "s"));
}

}  // namespace

Duration between_rounds(const RetentionConfig& retention) {
  const Duration age =
      std::min(retention.executions.value_or(Duration::max()), retention.rejects.value_or(Duration::max()));
  return std::clamp(age / rounds_of_an_age, shortest_round, longest_round);
}

RetentionRounds::RetentionRounds(const CommandContext& context, std::string replica)
    : context_(context), replica_(std::move(replica)) {
  const RetentionConfig& retention = context.config.retention;
  if (!retention.executions && !retention.rejects) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

void RetentionRounds::work(const std::stop_token& stop) {
  const Duration every = between_rounds(context_.config.retention);
  std::string told;
  Duration pause = std::min(after_the_start, every);
  while (context_.clock.wait_until(context_.clock.now() + jittered(pause, context_.random), stop)) {
    const Status done = round(stop);
    pause = done ? every : std::min(after_an_error, every);
    if (stop.stop_requested()) return;
    if (done) {
      told.clear();
    } else if (std::exchange(told, done.error().message) != done.error().message) {
      context_.log.warn(fmt::format("retention: {}; trying again", done.error().message));
    }
  }
}

Status RetentionRounds::round(const std::stop_token& stop) {
  BATON_TRY(const auto leases, context_.stores.untried_lease_store());
  BATON_TRY(const auto repository, context_.stores.repository(RepositoryAccess::existing));
  const std::stop_callback hurry(stop, [&repository] { repository->database().interrupt(); });
  PruneFacts facts;
  facts.replica = replica_;
  for (const JobConfig& job : context_.config.jobs) facts.configured.push_back(*job.name);
  BATON_TRY(facts.leases, leases->list(*context_.config.locks.lease));
  BATON_TRY(facts.view, repository->replicas().look());
  PruneRequest request;
  request.retention = &repository->retention();
  request.repository_id = repository->record().repository_id();
  request.jobs = jobs_to_prune(facts);
  request.now = facts.view.now;
  request.ages = {context_.config.retention.executions, context_.config.retention.rejects};
  TracesElsewhere elsewhere;
  const auto opened = [&] {
    std::vector<RunTraces*> all{&repository->retention().traces()};
    for (const OpenTraces& one : elsewhere.open) all.push_back(one.traces.get());
    return all;
  };
  request.open_traces = [&]() -> Result<std::vector<RunTraces*>> {
    elsewhere = context_.stores.open_traces(repository->database().identity());
    if (!elsewhere.away.empty()) return fail(elsewhere.away.begin()->second);
    return opened();
  };
  request.clock = &context_.clock;
  request.stop = stop;
  PruneCounts counts;
  Status done = prune(request, counts);
  if (!done && !elsewhere.away.empty()) {
    request.jobs = jobs_without(elsewhere.away, request.jobs);
    request.open_traces = [&]() -> Result<std::vector<RunTraces*>> { return opened(); };
    const Status rest = prune(request, counts);
    if (!rest) done = rest;
  }
  tell(context_.log, counts);
  return done;
}

// Where a job that is not configured any more has written, nobody knows.
std::vector<std::string> RetentionRounds::jobs_without(const std::map<std::string, Error>& connections,
                                                       const std::vector<std::string>& jobs) const {
  std::vector<std::string> without;
  for (const std::string& name : jobs) {
    const JobConfig* const job = context_.config.job(name);
    if (job == nullptr) continue;
    const auto used = connections_of(*job);
    const bool needs_one =
        std::any_of(used.begin(), used.end(), [&](const auto& one) { return one && connections.contains(one->value); });
    if (!needs_one) without.push_back(name);
  }
  return without;
}

}  // namespace baton

#include "batch/become_owner.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {
namespace {

bool try_again(ErrorKind kind) {
  return kind == ErrorKind::conflict || kind == ErrorKind::unknown_outcome || kind == ErrorKind::retry;
}

// One lease of time is all that becoming the owner may take, however often the lease is renewed meanwhile.
struct Term {
  LeaseHold& lease;
  Clock& clock;
  Instant ends_at;
  std::stop_token stop;

  bool over() const { return clock.now() >= std::min(ends_at, lease.trusted_until()); }
};

// Step 4: waits end with the term, as those of a raise.
Status end_older(Database& database, const Fence& fence, const Term& term) {
  Duration pause(10);
  while (true) {
    const Status ended = database.end_older_transactions(fence);
    if (ended || ended.error().kind != ErrorKind::retry) return ended;
    term.clock.wait_until(std::min<Instant>(term.clock.now() + pause, term.ends_at), term.stop);
    if (term.stop.stop_requested() || term.over()) return ended;
    pause = std::min(pause * 2, Duration(1'000));
  }
}

// Steps 1 to 3 for one database; the fence that is now mine.
Result<std::int64_t> raise(Database& database, const std::string& repository_id, const std::string& job,
                           const Term& term, const std::function<void(const std::string&)>& warn,
                           const std::function<Status(std::int64_t)>& raise_from) {
  Duration pause(10);
  bool warned = false;
  while (true) {
    Error error;
    if (const auto fence = database.read_fence(repository_id, job); !fence) {
      error = fence.error();
    } else {
      BATON_CHECK(term.lease.renew_now());
      const Status raised = raise_from(*fence);
      if (raised) return *fence + 1;
      error = raised.error();
    }
    if (!try_again(error.kind)) return fail(error);
    if (error.kind == ErrorKind::retry) {
      if (!std::exchange(warned, true)) warn(fmt::format("{}: {}; trying again", job, error.message));
      term.clock.wait_until(std::min<Instant>(term.clock.now() + pause, term.ends_at), term.stop);
      if (term.stop.stop_requested()) {
        return fail(ErrorKind::retry, fmt::format("{}: stopped while the fence in {} was being raised: {}", job,
                                                  database.identity(), error.message));
      }
      pause = std::min(pause * 2, Duration(1'000));
    }
    if (term.over()) {
      return fail(ErrorKind::retry, fmt::format("{}: the fence in {} could not be raised within the lease: {}", job,
                                                database.identity(), error.message));
    }
  }
}

}  // namespace

Result<Ownership> become_owner(const OwnershipRequest& request, RepositoryRecord& record, LeaseHold& lease,
                               Clock& clock) {
  const Term term{lease, clock, lease.trusted_until(), request.stop};
  Ownership ownership{record.repository_id(), request.job, request.replica, {}, {&lease, &clock}};

  std::vector<Database*> targets;
  std::vector<std::string> identities;
  for (Database* target : request.targets) {
    const bool known = std::find(identities.begin(), identities.end(), target->identity()) != identities.end();
    if (known || target->identity() == request.repository->identity()) continue;
    targets.push_back(target);
    identities.push_back(target->identity());
  }

  BATON_TRY(const std::vector<std::string> recorded, record.fenced_databases(request.job));
  std::vector<std::unique_ptr<Database>> opened;  // of the record only
  const auto skip = [&](const std::string& identity, const Error& error) {
    request.warn(fmt::format("{}: {} was written to before and cannot be reached now ({}): it is not fenced",
                             request.job, identity, error.message));
  };
  std::vector<std::string> to_record = identities;
  const auto is_new = [&](const std::string& identity) {
    const auto same = [&](const std::unique_ptr<Database>& one) { return one->identity() == identity; };
    return identity != request.repository->identity() &&
           std::find(identities.begin(), identities.end(), identity) == identities.end() &&
           std::none_of(opened.begin(), opened.end(), same);
  };
  for (const std::string& identity : recorded) {
    if (identity == request.repository->identity()) continue;
    if (std::find(identities.begin(), identities.end(), identity) != identities.end()) continue;
    to_record.push_back(identity);
    if (request.repository_only) continue;
    auto database = request.open_recorded(identity);
    if (!database) {
      skip(identity, database.error());
    } else if (is_new((*database)->identity())) {
      opened.push_back(std::move(*database));
    }
  }

  const auto end_older_in = [&](Database& database) {
    return end_older(database, {ownership.repository_id, request.job, ownership.fences.at(database.identity())}, term);
  };
  BATON_TRY(ownership.fences[request.repository->identity()],
            raise(*request.repository, ownership.repository_id, request.job, term, request.warn,
                  [&](std::int64_t from) { return record.raise_fence(request.job, from, to_record); }));
  BATON_CHECK(end_older_in(*request.repository));
  const auto raise_in = [&](Database& target) {
    return raise(target, ownership.repository_id, request.job, term, request.warn,
                 [&](std::int64_t from) { return target.raise_fence(ownership.repository_id, request.job, from); });
  };
  for (Database* target : targets) {
    BATON_TRY(ownership.fences[target->identity()], raise_in(*target));
    BATON_CHECK(end_older_in(*target));
  }
  for (const auto& database : opened) {
    const auto fence = raise_in(*database);
    Status done = fence ? Status() : fail(fence.error());
    if (fence) {
      ownership.fences[database->identity()] = *fence;
      done = end_older_in(*database);
    }
    if (done) continue;
    if (request.stop.stop_requested() || done.error().kind == ErrorKind::lease_lost ||
        clock.now() >= lease.trusted_until())
      return fail(done.error());
    skip(database->identity(), done.error());
  }
  return ownership;
}

}  // namespace baton

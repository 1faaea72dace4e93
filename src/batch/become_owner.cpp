#include "batch/become_owner.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {
namespace {

bool try_again(const Status& raised) {
  return !raised && (raised.error().kind == ErrorKind::conflict || raised.error().kind == ErrorKind::unknown_outcome ||
                     raised.error().kind == ErrorKind::retry);
}

// What raising the fences of a job's databases needs. Each renewal moves the lease's end on, so the time for it is
// fixed at the start.
struct Raising {
  const OwnershipRequest& request;
  const std::string& repository_id;
  LeaseHold& lease;
  const Clock& clock;
  Instant give_up_at;

  Result<std::int64_t> raise(Database& database, const std::function<Status(std::int64_t)>& raise_from) const;
};

// Steps 1 to 3 for one database; the fence that is now mine.
Result<std::int64_t> Raising::raise(Database& database, const std::function<Status(std::int64_t)>& raise_from) const {
  const std::string& job = request.job;
  bool warned = false;
  while (true) {
    BATON_TRY(const std::int64_t fence, database.read_fence(repository_id, job));
    BATON_CHECK(lease.renew_now());
    const Status raised = raise_from(fence);
    if (raised) return fence + 1;
    if (!try_again(raised)) return fail(raised.error());
    if (raised.error().kind == ErrorKind::retry && !std::exchange(warned, true)) {
      request.warn(fmt::format("{}: {}; trying again", job, raised.error().message));
    }
    if (clock.now() >= give_up_at) {
      return fail(ErrorKind::retry, fmt::format("{}: the fence in {} could not be raised within the lease: {}", job,
                                                database.identity(), raised.error().message));
    }
  }
}

}  // namespace

Result<Ownership> become_owner(const OwnershipRequest& request, RepositoryRecord& record, LeaseHold& lease,
                               const Clock& clock) {
  const Instant give_up_at = lease.trusted_until();
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
  std::vector<std::unique_ptr<Database>> opened;
  std::vector<std::string> unreachable;
  for (const std::string& identity : recorded) {
    if (identity == request.repository->identity()) continue;
    if (std::find(identities.begin(), identities.end(), identity) != identities.end()) continue;
    auto database = request.open_recorded(identity);
    if (!database) {
      request.warn(fmt::format("{}: {} was written to before and cannot be reached now ({}): it is not fenced",
                               request.job, identity, database.error().message));
      unreachable.push_back(identity);
      continue;
    }
    targets.push_back(database->get());
    opened.push_back(std::move(*database));
  }

  std::vector<std::string> to_record = identities;
  to_record.insert(to_record.end(), unreachable.begin(), unreachable.end());
  for (const auto& database : opened) to_record.push_back(database->identity());
  const Raising raising{request, ownership.repository_id, lease, clock, give_up_at};
  BATON_TRY(ownership.fences[request.repository->identity()],
            raising.raise(*request.repository,
                          [&](std::int64_t from) { return record.raise_fence(request.job, from, to_record); }));
  for (Database* target : targets) {
    BATON_TRY(ownership.fences[target->identity()], raising.raise(*target, [&](std::int64_t from) {
      return target->raise_fence(ownership.repository_id, request.job, from);
    }));
  }
  return ownership;
}

}  // namespace baton

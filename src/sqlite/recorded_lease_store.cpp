#include "sqlite/recorded_lease_store.h"

#include <fmt/format.h>

namespace baton {

Result<std::optional<std::string>> recorded_lease_store(SqliteConnection& repository) {
  BATON_TRY(SqliteStatement * query, repository.prepare("SELECT max(lease_store) FROM baton_repository"));
  BATON_TRY(const bool row, query->step());
  std::optional<std::string> known = row ? query->optional_text(0) : std::nullopt;
  query->reset();
  return known;
}

Error other_lease_store(const SqliteConnection& repository, const std::string& recorded, const std::string& other) {
  return {ErrorKind::invalid,
          fmt::format("{}: this repository's leases are kept in the lease store {}, but locks.* names the lease store "
                      "{}: replicas with different ones would both run a job. Name the old one; if it is lost and no "
                      "replica runs, forget it with: UPDATE baton_repository SET lease_store = NULL",
                      repository.path(), recorded, other)};
}

}  // namespace baton

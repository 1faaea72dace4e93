// The lease store that a repository's replicas use (P8).
#pragma once

#include "sqlite/connection.h"

#include <optional>
#include <string>

namespace baton {

// Its identity; empty where no replica and no one-off run has recorded one yet.
Result<std::optional<std::string>> recorded_lease_store(SqliteConnection& repository);

// `invalid`: the configuration names `other` instead.
Error other_lease_store(const SqliteConnection& repository, const std::string& recorded, const std::string& other);

}  // namespace baton

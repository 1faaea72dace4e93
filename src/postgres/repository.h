// The job repository in PostgreSQL.
#pragma once

#include "batch/contexts.h"
#include "batch/repository.h"
#include "postgres/session.h"

#include <memory>
#include <string>

namespace baton {

struct PgRepositorySettings {
  ContextFormat contexts = ContextFormat::base64_java;
  std::string zone = "UTC";  // in which rows without a baton_execution entry (Java's) are read (P17)
};

// A repository over one session; all its parts share it. Its clock is the server's. `invalid` if no repository of this
// version is there.
Result<std::unique_ptr<Repository>> open_pg_repository(std::unique_ptr<PgSession> session,
                                                       const PgRepositorySettings& settings);

}  // namespace baton

#include "sqlite/repository_bundle.h"

#include "sqlite/schema.h"

namespace baton {

SqliteRepository::SqliteRepository(std::unique_ptr<SqliteConnection> connection,
                                   std::unique_ptr<SqliteRepositoryRecord> record, std::string identity,
                                   JobKeyFormat key_format, const Clock& clock, ContextFormat contexts)
    : connection_(std::move(connection)),
      record_(std::move(record)),
      key_format_(key_format),
      executions_(*connection_, clock, contexts),
      control_(*connection_, clock),
      replicas_(*connection_, clock),
      alerts_(*connection_),
      retention_(*connection_),
      rejects_(*connection_),
      database_(*connection_, std::move(identity)) {}

Result<std::unique_ptr<SqliteRepository>> SqliteRepository::open(std::unique_ptr<SqliteConnection> connection,
                                                                 const Clock& clock, ContextFormat contexts) {
  BATON_TRY(const JobKeyFormat key_format, spring_batch_generation(*connection));
  BATON_TRY(auto record, SqliteRepositoryRecord::open(*connection));
  BATON_TRY(std::string identity, sqlite_identity(connection->path()));
  return std::unique_ptr<SqliteRepository>(
      new SqliteRepository(std::move(connection), std::move(record), std::move(identity), key_format, clock, contexts));
}

}  // namespace baton

// A PostgreSQL database that jobs write to.
#pragma once

#include "batch/database.h"
#include "postgres/session.h"

#include <memory>
#include <string>

namespace baton {

// "postgresql:SYSTEM-IDENTIFIER/DATABASE/SCHEMA": where Baton's tables of one database are. Two URLs that lead to the
// same place have the same one.
Result<std::string> pg_identity(PgConnection& connection, const std::string& schema);

class PgDatabase final : public Database {
 public:
  // REQUIRES: the tables of migrate_pg_target are there. The session outlives the database and is used by nobody else
  // while a transaction is open.
  PgDatabase(PgSession& session, std::string identity) : session_(session), identity_(std::move(identity)) {}
  // The same over a session of its own.
  PgDatabase(std::unique_ptr<PgSession> session, std::string identity)
      : own_session_(std::move(session)), session_(*own_session_), identity_(std::move(identity)) {}

  const std::string& identity() const override { return identity_; }
  Result<std::int64_t> read_fence(const std::string& repository_id, const std::string& job) override;
  Status raise_fence(const std::string& repository_id, const std::string& job, std::int64_t from) override;
  Status end_older_transactions(const Fence& fence) override;
  Result<std::optional<Progress>> read_progress(const ProgressKey& key) override;
  Result<std::unique_ptr<Transaction>> begin(const Authority& authority, Durability durability) override;
  Result<std::int64_t> execute_unprotected(const Authority& authority, const std::string& sql) override;
  std::unique_ptr<TableWriter> table_writer(const TableSpec& spec, const std::string& where) override;
  void interrupt() override { session_.interrupt(); }

 private:
  std::unique_ptr<PgSession> own_session_;  // null where the session is another's
  PgSession& session_;
  std::string identity_;
};

// Sets the fence within a transaction that the caller has open; `conflict` where it is not `from`. `names` tells where
// the tables are.
Status raise_pg_fence(PgConnection& connection, const PgSession& names, const std::string& repository_id,
                      const std::string& job, std::int64_t from);

}  // namespace baton

// A SQLite file that jobs write to.
#pragma once

#include "batch/database.h"
#include "sqlite/connection.h"

#include <memory>
#include <string>

namespace baton {

// How the identity of a file is made: of its canonical path. `invalid` if it does not exist: before a file is made, the
// path it will have is not certain.
Result<std::string> sqlite_identity(const std::string& path);

// The path in an identity; `invalid` if it is none of a SQLite file.
Result<std::string> sqlite_path(const std::string& identity);

class SqliteDatabase final : public Database {
 public:
  // REQUIRES: the tables of migrate_target are there. The connection outlives the database.
  SqliteDatabase(SqliteConnection& connection, std::string identity)
      : connection_(connection), identity_(std::move(identity)) {}
  // The same over a connection of its own.
  SqliteDatabase(std::unique_ptr<SqliteConnection> connection, std::string identity)
      : own_connection_(std::move(connection)), connection_(*own_connection_), identity_(std::move(identity)) {}

  const std::string& identity() const override { return identity_; }
  Result<std::int64_t> read_fence(const std::string& repository_id, const std::string& job) override;
  Status raise_fence(const std::string& repository_id, const std::string& job, std::int64_t from) override;
  // Transactions are short and hold the file's write lock: none is older (P9).
  Status end_older_transactions(const Fence& /*fence*/) override { return {}; }
  Result<std::optional<Progress>> read_progress(const ProgressKey& key) override;
  Result<std::unique_ptr<Transaction>> begin(const Authority& authority, Durability durability) override;
  Result<std::int64_t> execute_unprotected(const Authority& authority, const std::string& sql) override;
  std::unique_ptr<TableWriter> table_writer(const TableSpec& spec, const std::string& where) override;
  void interrupt() override { connection_.interrupt(); }

 private:
  std::unique_ptr<SqliteConnection> own_connection_;  // null where the connection is another's
  SqliteConnection& connection_;
  std::string identity_;
};

// Sets the fence within a transaction that the caller has open; `conflict` where it is not `from`.
Status raise_sqlite_fence(SqliteConnection& connection, const std::string& repository_id, const std::string& job,
                          std::int64_t from);

}  // namespace baton

// Who changes Baton's tables of a database: one program at a time.
#pragma once

#include "postgres/connection.h"

namespace baton {

// Until it is destroyed or the connection is lost, no other program migrates in this database: an advisory lock of the
// session. The same connection may take it several times over.
class PgMigrationLock {
 public:
  // Waits for others as long as `patience`; then `retry`, naming who holds it.
  static Result<PgMigrationLock> take(PgConnection& connection, Duration patience = Duration(60'000));

  PgMigrationLock(PgMigrationLock&& other) noexcept;
  PgMigrationLock(const PgMigrationLock&) = delete;
  PgMigrationLock& operator=(const PgMigrationLock&) = delete;
  PgMigrationLock& operator=(PgMigrationLock&&) = delete;
  ~PgMigrationLock();

 private:
  explicit PgMigrationLock(PgConnection& connection) : connection_(&connection) {}

  PgConnection* connection_;  // null where it was moved from
};

}  // namespace baton

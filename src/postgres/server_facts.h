// What a PostgreSQL server and one of its databases are like, for `baton doctor`.
#pragma once

#include "base/clock.h"
#include "postgres/connection.h"

#include <cstdint>
#include <optional>
#include <string>

namespace baton {

struct PgServerFacts {
  std::string address;  // "10.1.2.3:5432", or a socket's folder
  bool local = false;   // on this machine, as far as the address says
  std::string database;
  std::string role;
  std::string identity;      // of the server and the database; empty where the role may not ask
  int version = 0;           // 150004
  std::string version_text;  // "15.4 (Debian 15.4-1)"
  std::string encoding;      // of the database
  bool standby = false;      // in recovery: it takes no writes
  bool encrypted = false;    // the connection
  bool fsync = true;
  bool full_page_writes = true;
  bool synchronous_commit = true;
  std::int64_t max_wal_bytes = 0;
  std::int64_t database_bytes = 0;
  std::string data_directory;              // empty where the role may not see it
  std::optional<std::int64_t> free_bytes;  // of its disk, where that is this machine's
  std::int64_t connections = 0;            // open now, of all roles
  std::int64_t max_connections = 0;        // of roles that are no superusers
  std::chrono::microseconds round_trip{0};
  std::chrono::microseconds clock_ahead{0};  // the server's before this machine's; no better than half a round trip
};

// Changes nothing.
Result<PgServerFacts> read_pg_server(PgConnection& connection, const Clock& clock);

}  // namespace baton

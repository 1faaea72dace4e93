#include "postgres/server_facts.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <filesystem>
#include <system_error>

namespace baton {
namespace {

std::string text_of(const char* text) { return text == nullptr ? "" : text; }

void note_address(pg_conn* connection, PgServerFacts& facts) {
  const std::string host = text_of(PQhost(connection));
  const std::string address = text_of(PQhostaddr(connection));
  const bool socket = host.empty() || host.front() == '/' || host.front() == '@';
  facts.local = socket || address.starts_with("127.") || address == "::1";
  facts.address = socket ? host : fmt::format("{}:{}", host, text_of(PQport(connection)));
  facts.encrypted = PQsslInUse(connection) != 0;
}

Status note_settings(PgConnection& connection, PgServerFacts& facts) {
  BATON_TRY(const PgResult row,
            connection.query("SELECT current_setting('server_version'), current_database(), current_user, "
                             "pg_encoding_to_char(encoding), pg_is_in_recovery(), current_setting('fsync'), "
                             "current_setting('full_page_writes'), current_setting('synchronous_commit'), "
                             "pg_size_bytes(current_setting('max_wal_size')), "
                             "CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) END, "
                             "(SELECT setting FROM pg_catalog.pg_settings WHERE name = 'data_directory'), "
                             "(SELECT sum(numbackends) FROM pg_catalog.pg_stat_database), "
                             "current_setting('max_connections')::int - "
                             "current_setting('superuser_reserved_connections')::int "
                             "FROM pg_catalog.pg_database WHERE datname = current_database()"));
  facts.version = connection.server_version();
  facts.version_text = row.text(0, 0);
  facts.database = row.text(0, 1);
  facts.role = row.text(0, 2);
  facts.encoding = row.text(0, 3);
  facts.standby = row.boolean(0, 4);
  facts.fsync = row.view(0, 5) == "on";
  facts.full_page_writes = row.view(0, 6) == "on";
  facts.synchronous_commit = row.view(0, 7) != "off";
  facts.max_wal_bytes = row.integer(0, 8);
  facts.database_bytes = row.integer(0, 9);
  facts.data_directory = row.text(0, 10);
  facts.connections = row.integer(0, 11);
  facts.max_connections = row.integer(0, 12);
  return {};
}

// The role that may not ask is told so by what needs the identity.
Status note_identity(PgConnection& connection, PgServerFacts& facts) {
  BATON_TRY(
      const PgResult row,
      connection.query("SELECT CASE WHEN has_function_privilege('pg_control_system()', 'EXECUTE') THEN (SELECT "
                       "system_identifier || '/' || current_database() FROM pg_catalog.pg_control_system()) END"));
  facts.identity = row.text(0, 0);
  return {};
}

// Between the question and the answer; what the middle is off by is at most half of the time between.
Status note_clock(PgConnection& connection, const Clock& clock, PgServerFacts& facts) {
  const Instant asked = clock.now();
  const WallTime before = clock.wall_now();
  BATON_TRY(const PgResult row,
            connection.query("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"));
  facts.round_trip = clock.now() - asked;
  const WallTime theirs{std::chrono::microseconds(row.integer(0, 0))};
  facts.clock_ahead = theirs - (before + facts.round_trip / 2);
  return {};
}

}  // namespace

Result<PgServerFacts> read_pg_server(PgConnection& connection, const Clock& clock) {
  PgServerFacts facts;
  note_address(connection.handle(), facts);
  BATON_CHECK(note_settings(connection, facts));
  BATON_CHECK(note_identity(connection, facts));
  BATON_CHECK(note_clock(connection, clock, facts));
  if (!facts.local || facts.data_directory.empty()) return facts;
  std::error_code unseen;
  const auto space = std::filesystem::space(facts.data_directory, unseen);
  if (!unseen) facts.free_bytes = static_cast<std::int64_t>(space.available);
  return facts;
}

}  // namespace baton

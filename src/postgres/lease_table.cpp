#include "postgres/lease_table.h"

#include "postgres/change_listener.h"

#include <fmt/format.h>
#include <charconv>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

constexpr const char* columns = "key, ownerName, leaseDuration, recordVersionNumber, isReleased, encode(data, 'hex')";

std::string text(std::string_view value) { return PgConnection::quoted_text(value); }

std::string duration_text(Duration duration) { return fmt::format("'{}'", duration.count()); }

std::string mark(bool released) { return released ? "'1'" : "NULL"; }

std::string hex(const std::string& data) {
  std::string digits;
  for (const char c : data) digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return digits;
}

std::string bytes(const std::optional<std::string>& data) {
  return data ? "decode('" + hex(*data) + "', 'hex')" : "NULL";
}

std::string json_text(const nlohmann::json& list) {
  return text(list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

int nibble(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

std::string unhex(std::string_view hex) {
  std::string plain;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    plain += static_cast<char>(nibble(hex[i]) * 16 + nibble(hex[i + 1]));
  }
  return plain;
}

}  // namespace

PgLeaseTable::PgLeaseTable(std::string schema) : schema_(std::move(schema)) {
  leases_ = PgConnection::quoted_name(schema_) + ".baton_lease";
  store_ = PgConnection::quoted_name(schema_) + ".baton_lease_store";
}

// The columns are the attributes of the Java lock client's item (P1), unquoted: both spellings work in SQL. Half of a
// page is left free, so that a renewal stays in its page and touches no index.
std::string PgLeaseTable::ddl() const {
  return fmt::format(R"(CREATE TABLE IF NOT EXISTS {} (
  key text COLLATE "C" NOT NULL PRIMARY KEY,
  ownerName text NOT NULL,
  leaseDuration text NOT NULL CHECK (leaseDuration ~ '^[0-9]+$'),
  recordVersionNumber text NOT NULL,
  isReleased text CHECK (isReleased = '1'),
  data bytea
) WITH (fillfactor = 50);
CREATE TABLE IF NOT EXISTS {} (
  one integer NOT NULL PRIMARY KEY CHECK (one = 1),
  id text NOT NULL
))",
                     leases_, store_);
}

std::string PgLeaseTable::insert_identity(const std::string& id) const {
  return fmt::format("INSERT INTO {} (one, id) VALUES (1, {}) ON CONFLICT (one) DO NOTHING", store_, text(id));
}

std::string PgLeaseTable::read_one(const std::string& key) const {
  return fmt::format("SELECT {} FROM {} WHERE key = {}", columns, leases_, text(key));
}

std::string PgLeaseTable::read_all() const { return fmt::format("SELECT {} FROM {}", columns, leases_); }

std::string PgLeaseTable::take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen) const {
  const std::string owner = text(mine.owner_name);
  const std::string duration = duration_text(mine.lease_duration);
  const std::string version = text(mine.version);
  if (!seen) {
    return fmt::format(
        "INSERT INTO {} (key, ownerName, leaseDuration, recordVersionNumber, isReleased, data) "
        "VALUES ({}, {}, {}, {}, {}, {}) ON CONFLICT (key) DO NOTHING RETURNING key",
        leases_, text(mine.key), owner, duration, version, mark(mine.released), bytes(mine.data));
  }
  return fmt::format(
      "UPDATE {} SET ownerName = {}, leaseDuration = {}, recordVersionNumber = {}, isReleased = {}, data = {} "
      "WHERE key = {} AND recordVersionNumber = {} AND isReleased IS NOT DISTINCT FROM {} RETURNING key",
      leases_, owner, duration, version, mark(mine.released), bytes(mine.data), text(mine.key), text(seen->version),
      mark(seen->released));
}

std::string PgLeaseTable::release(const std::string& key, const std::string& owner_name, const std::string& version,
                                  bool notify) const {
  return fmt::format(
      "WITH released AS (UPDATE {} SET isReleased = '1' WHERE key = {} AND ownerName = {} AND recordVersionNumber = {} "
      "RETURNING key) SELECT {} FROM released",
      leases_, text(key), text(owner_name), text(version), notify ? notify_call(schema_, PgChange::leases) : "key");
}

// Each of these leaves out a row that somebody holds locked, so that it holds up none of the others. Who waits for no
// row lock is in no deadlock either; insertions wait for those of the same key, and all make them in the same order.
std::string PgLeaseTable::take_all(std::span<const LeaseTake> takes) const {
  nlohmann::json list = nlohmann::json::array();
  for (const LeaseTake& one : takes) {
    nlohmann::json wanted = {{"key", one.mine.key},
                             {"owner", one.mine.owner_name},
                             {"duration", fmt::format("{}", one.mine.lease_duration.count())},
                             {"version", one.mine.version}};
    if (one.mine.released) wanted["released"] = "1";
    if (one.mine.data) wanted["data"] = hex(*one.mine.data);
    if (one.seen) wanted["seen"] = one.seen->version;
    if (one.seen && one.seen->released) wanted["seen_released"] = "1";
    list.push_back(std::move(wanted));
  }
  return fmt::format(
      "WITH wanted AS MATERIALIZED (SELECT * FROM json_to_recordset({1}) AS w(key text, owner text, duration text, "
      "version text, released text, data text, seen text, seen_released text)), "
      "added AS (INSERT INTO {0} (key, ownerName, leaseDuration, recordVersionNumber, isReleased, data) "
      "SELECT key, owner, duration, version, released, decode(data, 'hex') FROM wanted WHERE seen IS NULL ORDER BY key "
      "ON CONFLICT (key) DO NOTHING RETURNING key), "
      "free AS MATERIALIZED (SELECT w.* FROM {0} AS l JOIN wanted AS w ON l.key = w.key WHERE {2} "
      "FOR NO KEY UPDATE OF l SKIP LOCKED), "
      "taken AS (UPDATE {0} AS l SET ownerName = owner, leaseDuration = duration, recordVersionNumber = version, "
      "isReleased = released, data = decode(free.data, 'hex') FROM free WHERE l.key = free.key RETURNING l.key) "
      "SELECT key, true FROM added UNION ALL SELECT key, true FROM taken UNION ALL "
      "SELECT l.key, false FROM {0} AS l JOIN wanted AS w ON l.key = w.key WHERE {2} "
      "AND l.key NOT IN (SELECT key FROM taken)",
      leases_, json_text(list), "l.recordVersionNumber = w.seen AND l.isReleased IS NOT DISTINCT FROM w.seen_released");
}

std::string PgLeaseTable::release_all(std::span<const LeaseRelease> releases, bool notify) const {
  nlohmann::json list = nlohmann::json::array();
  for (const LeaseRelease& one : releases) {
    list.push_back({{"key", one.key}, {"owner", one.owner_name}, {"version", one.version}});
  }
  return fmt::format(
      "WITH wanted AS MATERIALIZED (SELECT * FROM json_to_recordset({1}) AS w(key text, owner text, version text)), "
      "mine AS MATERIALIZED (SELECT l.key FROM {0} AS l JOIN wanted AS w ON l.key = w.key WHERE {2} "
      "FOR NO KEY UPDATE OF l SKIP LOCKED), "
      "released AS (UPDATE {0} AS l SET isReleased = '1' FROM mine WHERE l.key = mine.key RETURNING l.key) "
      "SELECT key, true, {3} FROM released UNION ALL "
      "SELECT l.key, false, NULL FROM {0} AS l JOIN wanted AS w ON l.key = w.key WHERE {2} "
      "AND l.key NOT IN (SELECT key FROM released)",
      leases_, json_text(list), "l.ownerName = w.owner AND l.recordVersionNumber = w.version",
      notify ? notify_call(schema_, PgChange::leases) + "::text" : "NULL");
}

std::string PgLeaseTable::renew(std::span<const LeaseRenewal> renewals) const {
  nlohmann::json list = nlohmann::json::array();
  for (const LeaseRenewal& one : renewals) {
    list.push_back({{"key", one.key},
                    {"owner", one.owner_name},
                    {"version", one.version},
                    {"new_version", one.new_version},
                    {"duration", fmt::format("{}", one.lease_duration.count())}});
  }
  return fmt::format(
      "WITH wanted AS MATERIALIZED (SELECT * FROM json_to_recordset({1}) AS w(key text, owner text, version text, "
      "new_version text, duration text)), "
      "mine AS MATERIALIZED (SELECT l.key, w.new_version, w.duration FROM {0} AS l JOIN wanted AS w ON l.key = w.key "
      "WHERE l.ownerName = w.owner AND l.recordVersionNumber = w.version AND l.isReleased IS NULL "
      "FOR NO KEY UPDATE OF l SKIP LOCKED), "
      "renewed AS (UPDATE {0} AS l SET recordVersionNumber = mine.new_version, leaseDuration = mine.duration "
      "FROM mine WHERE l.key = mine.key RETURNING l.recordVersionNumber) "
      "SELECT recordVersionNumber, true FROM renewed UNION ALL "
      "SELECT w.new_version, false FROM {0} AS l JOIN wanted AS w ON l.key = w.key "
      "WHERE l.ownerName = w.owner AND l.recordVersionNumber = w.version AND l.isReleased IS NULL "
      "AND w.new_version NOT IN (SELECT recordVersionNumber FROM renewed)",
      leases_, json_text(list));
}

Result<LeaseRecord> PgLeaseTable::record_in(const PgResult& rows, int row, const std::string& shown) const {
  LeaseRecord record;
  record.key = rows.text(row, 0);
  record.owner_name = rows.text(row, 1);
  const std::string_view duration = rows.view(row, 2);
  std::int64_t milliseconds = 0;
  const auto [rest, error] = std::from_chars(duration.data(), duration.data() + duration.size(), milliseconds);
  if (error != std::errc{} || rest != duration.data() + duration.size() || milliseconds < 0) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: table {}, key {}: leaseDuration is '{}': expected milliseconds; delete that row if "
                            "nobody uses it",
                            shown, leases_, record.key, duration));
  }
  record.lease_duration = Duration(milliseconds);
  record.version = rows.text(row, 3);
  record.released = !rows.is_null(row, 4);
  if (!rows.is_null(row, 5)) record.data = unhex(rows.view(row, 5));
  return record;
}

}  // namespace baton

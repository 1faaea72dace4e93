#include "sqlite/lease_store.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>
#include <set>

namespace baton {
namespace {

// The columns are the attributes of the Java lock client's item (P1).
constexpr const char* tables = R"(
  CREATE TABLE IF NOT EXISTS baton_lease (
    key TEXT NOT NULL PRIMARY KEY,
    ownerName TEXT NOT NULL,
    leaseDuration TEXT NOT NULL CHECK (leaseDuration <> '' AND leaseDuration NOT GLOB '*[^0-9]*'),
    recordVersionNumber TEXT NOT NULL,
    isReleased TEXT CHECK (isReleased = '1'),
    data BLOB
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS baton_lease_store (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL
  ) STRICT;
)";

constexpr const char* read_one =
    "SELECT key, ownerName, leaseDuration, recordVersionNumber, isReleased, data FROM baton_lease WHERE key = ?1";
constexpr const char* read_all =
    "SELECT key, ownerName, leaseDuration, recordVersionNumber, isReleased, data FROM baton_lease";
constexpr const char* take_absent =
    "INSERT INTO baton_lease (key, ownerName, leaseDuration, recordVersionNumber, isReleased, data) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (key) DO NOTHING";
constexpr const char* take_seen =
    "UPDATE baton_lease SET ownerName = ?2, leaseDuration = ?3, recordVersionNumber = ?4, isReleased = ?5, data = ?6 "
    "WHERE key = ?1 AND recordVersionNumber = ?7 AND isReleased IS ?8";
constexpr const char* renew_all =
    "UPDATE baton_lease SET recordVersionNumber = renewal.new_version, leaseDuration = renewal.duration "
    "FROM (SELECT value->>0 AS key, value->>1 AS owner, value->>2 AS version, value->>3 AS new_version, "
    "value->>4 AS duration FROM json_each(?1)) AS renewal "
    "WHERE baton_lease.key = renewal.key AND ownerName = renewal.owner AND recordVersionNumber = renewal.version "
    "AND isReleased IS NULL RETURNING recordVersionNumber";
constexpr const char* release_one =
    "UPDATE baton_lease SET isReleased = '1' WHERE key = ?1 AND ownerName = ?2 AND recordVersionNumber = ?3";

const std::optional<std::string> released_mark("1");

// A SELECT that is not reset keeps its snapshot, and with it the write-ahead log, for ever.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(SqliteStatement& statement) : statement_(statement) {}
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;
  ~ResetAtEnd() { statement_.reset(); }

 private:
  SqliteStatement& statement_;
};

std::string milliseconds_text(Duration duration) { return fmt::format("{}", duration.count()); }

Result<LeaseRecord> record_in(const SqliteStatement& row, const std::string& path) {
  LeaseRecord record;
  record.key = row.text(0);
  record.owner_name = row.text(1);
  const std::string duration = row.text(2);
  std::int64_t milliseconds = 0;
  const auto [rest, error] = std::from_chars(duration.data(), duration.data() + duration.size(), milliseconds);
  if (error != std::errc{} || rest != duration.data() + duration.size() || milliseconds < 0) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: table baton_lease, key {}: leaseDuration is '{}': expected milliseconds; delete that "
                            "row if nobody uses it",
                            path, record.key, duration));
  }
  record.lease_duration = Duration(milliseconds);
  record.version = row.text(3);
  record.released = !row.is_null(4);
  record.data = row.optional_text(5);
  return record;
}

tl::unexpected<Error> changed_meanwhile(const std::string& key) {
  return fail(ErrorKind::conflict, fmt::format("lease {}: the record is not what was expected", key));
}

}  // namespace

// The connection, for one call. Whoever renews goes before all others; nobody waits longer than its timeout, what is
// left of it is for the file's lock.
class SqliteLeaseStore::Turn {
 public:
  enum class For { renewal, other };

  Turn(SqliteLeaseStore& store, Duration timeout, For purpose = For::other) : store_(store) {
    const auto began = std::chrono::steady_clock::now();
    const int renews = purpose == For::renewal ? 1 : 0;
    std::unique_lock lock(store.mutex_);
    store.renewals_waiting_ += renews;
    had_ = store.turn_ended_.wait_for(lock, timeout,
                                      [&] { return !store.taken_ && (renews == 1 || store.renewals_waiting_ == 0); });
    store.renewals_waiting_ -= renews;
    if (!had_) {
      if (renews == 1) store.turn_ended_.notify_all();
      return;
    }
    store.taken_ = true;
    const auto left = timeout - std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began);
    store.connection_->set_busy_timeout(std::max(left, Duration(1)));
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (!had_) return;
    const std::scoped_lock lock(store_.mutex_);
    store_.taken_ = false;
    store_.turn_ended_.notify_all();
  }

  Status check() const {
    const std::string& path = store_.connection_->path();
    if (!had_) return fail(ErrorKind::retry, fmt::format("{}: other calls of this process take too long", path));
    // The others would see another file, and not be excluded.
    if (!store_.connection_->file_has_moved()) return {};
    return fail(ErrorKind::invalid,
                fmt::format("{}: the file was deleted or moved while it was open; end all replicas, then start them "
                            "again",
                            path));
  }

 private:
  SqliteLeaseStore& store_;
  bool had_ = false;
};

Result<std::unique_ptr<SqliteLeaseStore>> SqliteLeaseStore::open(const std::string& path, Random& random,
                                                                 Duration timeout) {
  BATON_TRY(auto connection, SqliteConnection::open(path, SqliteAccess::create, timeout));
  std::unique_ptr<SqliteLeaseStore> store(new SqliteLeaseStore(std::move(connection)));
  BATON_CHECK(store->create_tables(random));
  // With WAL, NORMAL keeps every commit when a process dies. A power failure may undo the last ones, but it also ends
  // every process that could have relied on them, as all of them are on this machine: what comes back is an older
  // version that nobody renews, and expires. In exchange a renewal never waits for the disk.
  BATON_CHECK(store->connection_->execute("PRAGMA synchronous = NORMAL"));
  return store;
}

// The identity is written to the repository too, so it must outlive a power failure: FULL.
Status SqliteLeaseStore::create_tables(Random& random) {
  constexpr const char* count_tables =
      "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('baton_lease', 'baton_lease_store')";
  BATON_TRY(SqliteStatement * count, connection_->prepare(count_tables));
  BATON_TRY(const bool row, count->step());
  const bool complete = row && count->integer(0) == 2;
  count->reset();
  if (complete) return {};
  BATON_CHECK(connection_->execute("PRAGMA synchronous = FULL"));
  BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(*connection_));
  BATON_CHECK(connection_->execute(tables));
  BATON_TRY(SqliteStatement * insert,
            connection_->prepare("INSERT INTO baton_lease_store VALUES (1, ?1) ON CONFLICT (one) DO NOTHING"));
  BATON_CHECK(insert->bind(1, std::string_view(uuid(random))).run());
  return transaction.commit();
}

Result<std::string> SqliteLeaseStore::identity(Duration timeout) {
  const Turn turn(*this, timeout);
  BATON_CHECK(turn.check());
  BATON_TRY(SqliteStatement * select, connection_->prepare("SELECT id FROM baton_lease_store WHERE one = 1"));
  const ResetAtEnd reset(*select);
  BATON_TRY(const bool row, select->step());
  if (row) return select->text(0);
  return fail(ErrorKind::invalid, fmt::format("{}: table baton_lease_store is empty: end all replicas, delete the file "
                                              "and start them again",
                                              connection_->path()));
}

Result<std::optional<LeaseRecord>> SqliteLeaseStore::read(const std::string& key, Duration timeout) {
  const Turn turn(*this, timeout);
  BATON_CHECK(turn.check());
  BATON_TRY(SqliteStatement * select, connection_->prepare(read_one));
  const ResetAtEnd reset(*select);
  BATON_TRY(const bool row, select->bind(1, std::string_view(key)).step());
  if (!row) return std::optional<LeaseRecord>();
  BATON_TRY(LeaseRecord record, record_in(*select, connection_->path()));
  return std::optional<LeaseRecord>(std::move(record));
}

Result<std::vector<LeaseRecord>> SqliteLeaseStore::list(Duration timeout) {
  const Turn turn(*this, timeout);
  BATON_CHECK(turn.check());
  BATON_TRY(SqliteStatement * select, connection_->prepare(read_all));
  const ResetAtEnd reset(*select);
  std::vector<LeaseRecord> records;
  for (;;) {
    BATON_TRY(const bool row, select->step());
    if (!row) return records;
    BATON_TRY(LeaseRecord record, record_in(*select, connection_->path()));
    records.push_back(std::move(record));
  }
}

// Runs one writing statement to its end; true if it changed a record. Each is a transaction of its own, so what fails
// has changed nothing, but for a disk that failed in the middle.
Result<bool> SqliteLeaseStore::change(SqliteStatement& statement) {
  const Status run = statement.run();
  if (run) return connection_->changes() > 0;
  return fail(write_error(run.error()));
}

Error SqliteLeaseStore::write_error(Error error) const {
  if ((sqlite3_errcode(connection_->handle()) & 0xFF) == SQLITE_IOERR) error.kind = ErrorKind::unknown_outcome;
  return connection_->name_lock_holder(std::move(error));
}

Status SqliteLeaseStore::take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen, Duration timeout) {
  const Turn turn(*this, timeout);
  BATON_CHECK(turn.check());
  BATON_TRY(SqliteStatement * statement, connection_->prepare(seen ? take_seen : take_absent));
  const std::string duration = milliseconds_text(mine.lease_duration);
  statement->bind(1, std::string_view(mine.key))
      .bind(2, std::string_view(mine.owner_name))
      .bind(3, std::string_view(duration))
      .bind(4, std::string_view(mine.version))
      .bind(5, mine.released ? released_mark : std::nullopt)
      .bind_blob(6, mine.data);
  if (seen) statement->bind(7, std::string_view(seen->version)).bind(8, seen->released ? released_mark : std::nullopt);
  BATON_TRY(const bool written, change(*statement));
  if (!written) return changed_meanwhile(mine.key);
  return {};
}

std::vector<Status> SqliteLeaseStore::renew(std::span<const LeaseRenewal> renewals, Duration timeout) {
  if (renewals.empty()) return {};
  const Turn turn(*this, timeout, Turn::For::renewal);
  const Result<std::set<std::string>> renewed = renew_in_one(turn, renewals);
  std::vector<Status> answers;
  answers.reserve(renewals.size());
  for (const LeaseRenewal& renewal : renewals) {
    if (!renewed) {
      answers.emplace_back(fail(renewed.error()));
    } else if (!renewed->contains(renewal.new_version)) {
      answers.emplace_back(changed_meanwhile(renewal.key));
    } else {
      answers.emplace_back();
    }
  }
  return answers;
}

// The new versions that were written; they are unique, so they say which leases.
Result<std::set<std::string>> SqliteLeaseStore::renew_in_one(const Turn& turn, std::span<const LeaseRenewal> renewals) {
  BATON_CHECK(turn.check());
  nlohmann::json list = nlohmann::json::array();
  for (const LeaseRenewal& one : renewals) {
    list.push_back({one.key, one.owner_name, one.version, one.new_version, milliseconds_text(one.lease_duration)});
  }
  const std::string text = list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  BATON_TRY(SqliteStatement * update, connection_->prepare(renew_all));
  const ResetAtEnd reset(*update);
  update->bind(1, std::string_view(text));
  std::set<std::string> written;
  for (;;) {
    const Result<bool> row = update->step();
    if (!row) return fail(write_error(row.error()));
    if (!*row) return written;
    written.insert(update->text(0));
  }
}

Status SqliteLeaseStore::release(const std::string& key, const std::string& owner_name, const std::string& version,
                                 Duration timeout) {
  const Turn turn(*this, timeout);
  BATON_CHECK(turn.check());
  BATON_TRY(SqliteStatement * update, connection_->prepare(release_one));
  update->bind(1, std::string_view(key)).bind(2, std::string_view(owner_name)).bind(3, std::string_view(version));
  BATON_TRY(const bool written, change(*update));
  if (!written) return changed_meanwhile(key);
  return {};
}

}  // namespace baton

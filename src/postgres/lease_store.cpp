#include "postgres/lease_store.h"

#include "postgres/lease_connection.h"
#include "postgres/lease_table.h"
#include "postgres/migration_lock.h"

#include <fmt/format.h>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <utility>

namespace baton {
namespace {

using Time = std::chrono::steady_clock::time_point;

Duration left_until(Time until) { return std::chrono::floor<Duration>(until - std::chrono::steady_clock::now()); }

constexpr std::string_view queue_is_full = "54000";

tl::unexpected<Error> changed_meanwhile(const std::string& key) {
  return fail(ErrorKind::conflict, fmt::format("lease {}: the record is not what was expected", key));
}

class PgLeaseStore final : public LeaseStore {
 public:
  PgLeaseStore(const PgSettings& settings, PgLeaseTable table)
      : shown_(settings.shown), table_(std::move(table)), renewing_(settings), others_(settings) {}

  Result<std::string> identity(Duration timeout) override;
  Result<std::optional<LeaseRecord>> read(const std::string& key, Duration timeout) override;
  Result<std::vector<LeaseRecord>> list(Duration timeout) override;
  Status take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen, Duration timeout) override;
  void take_all(std::span<const LeaseTake> takes, Duration timeout,
                const std::function<void(std::size_t, const Status&)>& answered) override;
  std::vector<Status> renew(std::span<const LeaseRenewal> renewals, Duration timeout) override;
  Status release(const std::string& key, const std::string& owner_name, const std::string& version,
                 Duration timeout) override;
  void release_all(std::span<const LeaseRelease> releases, Duration timeout,
                   const std::function<void(std::size_t, const Status&)>& answered) override;

 private:
  Status connect_renewing(Duration timeout);
  Result<PgResult> run(PgLeaseConnection& connection, const std::string& sql, PgEffect effect, Duration timeout,
                       PgFailure* failure = nullptr);
  Result<bool> change(const std::string& sql, Duration timeout, PgFailure* failure = nullptr);

  const std::string shown_;
  const PgLeaseTable table_;
  PgLeaseConnection renewing_;  // renewals wait for nothing else
  PgLeaseConnection others_;
  std::atomic<bool> may_renew_ = false;  // that connection was made once
};

// What a person has to do about it, beyond what pg_next_step knows.
void explain(Error& error, const PgFailure& failure, const PgLeaseTable& table) {
  if (failure.sqlstate == "42501") {
    error.message += fmt::format(": USAGE on schema {}, SELECT, INSERT and UPDATE on {}, SELECT on {}",
                                 PgConnection::quoted_name(table.schema()), table.leases(), table.store());
  } else if (failure.sqlstate == "42P01" || failure.sqlstate == "3F000") {
    error.message += fmt::format("; end all replicas first if {} was dropped while they ran", table.leases());
  }
}

Result<PgResult> PgLeaseStore::run(PgLeaseConnection& connection, const std::string& sql, PgEffect effect,
                                   Duration timeout, PgFailure* failure) {
  PgFailure own;
  PgFailure& said = failure == nullptr ? own : *failure;
  auto result = connection.run(sql, effect, timeout, &said);
  if (result) return result;
  Error error = result.error();
  explain(error, said, table_);
  return fail(std::move(error));
}

Result<std::string> PgLeaseStore::identity(Duration timeout) {
  BATON_TRY(const PgResult rows,
            run(others_, fmt::format("SELECT id FROM {} WHERE one = 1", table_.store()), PgEffect::none, timeout));
  if (rows.rows() == 1) return rows.text(0, 0);
  return fail(ErrorKind::invalid, fmt::format("{}: table {} is empty: end all replicas, drop it and {} and start them "
                                              "again",
                                              shown_, table_.store(), table_.leases()));
}

Result<std::optional<LeaseRecord>> PgLeaseStore::read(const std::string& key, Duration timeout) {
  BATON_TRY(const PgResult rows, run(others_, table_.read_one(key), PgEffect::none, timeout));
  if (rows.rows() == 0) return std::optional<LeaseRecord>();
  BATON_TRY(LeaseRecord record, table_.record_in(rows, 0, shown_));
  return std::optional<LeaseRecord>(std::move(record));
}

Result<std::vector<LeaseRecord>> PgLeaseStore::list(Duration timeout) {
  BATON_TRY(const PgResult rows, run(others_, table_.read_all(), PgEffect::none, timeout));
  std::vector<LeaseRecord> records;
  records.reserve(static_cast<std::size_t>(rows.rows()));
  for (int row = 0; row < rows.rows(); ++row) {
    BATON_TRY(LeaseRecord record, table_.record_in(rows, row, shown_));
    records.push_back(std::move(record));
  }
  return records;
}

// True if the statement changed a record.
Result<bool> PgLeaseStore::change(const std::string& sql, Duration timeout, PgFailure* failure) {
  BATON_TRY(const PgResult rows, run(others_, sql, PgEffect::commits, timeout, failure));
  return rows.rows() > 0;
}

// The renewals of what is taken have little time: their connection is there before.
Status PgLeaseStore::connect_renewing(Duration timeout) {
  if (may_renew_.exchange(true)) return {};
  const Status connected = renewing_.connect(timeout);
  if (!connected) may_renew_ = false;
  return connected;
}

Status PgLeaseStore::take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen, Duration timeout) {
  const Time until = std::chrono::steady_clock::now() + timeout;
  BATON_CHECK(connect_renewing(timeout));
  BATON_TRY(const bool written, change(table_.take(mine, seen), left_until(until)));
  if (!written) return changed_meanwhile(mine.key);
  return {};
}

// Tells each what became of it; `rows` are of PgLeaseTable::take_all or release_all. Returns those whose row was
// locked.
std::vector<std::size_t> tell(const Result<PgResult>& rows, const std::vector<std::string_view>& keys,
                              const std::function<void(std::size_t, const Status&)>& answered) {
  std::map<std::string, bool, std::less<>> answers;
  for (int row = 0; rows && row < rows->rows(); ++row) answers.emplace(rows->text(row, 0), rows->boolean(row, 1));
  std::vector<std::size_t> locked;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto answer = answers.find(keys[i]);
    if (!rows) {
      answered(i, fail(rows.error()));
    } else if (answer == answers.end()) {
      answered(i, changed_meanwhile(std::string(keys[i])));
    } else if (answer->second) {
      answered(i, {});
    } else {
      locked.push_back(i);
    }
  }
  return locked;
}

// One statement for all. What it passes over, since somebody else has it locked at that moment, waits alone.
void PgLeaseStore::take_all(std::span<const LeaseTake> takes, Duration timeout,
                            const std::function<void(std::size_t, const Status&)>& answered) {
  if (takes.size() <= 1) return LeaseStore::take_all(takes, timeout, answered);
  const Time until = std::chrono::steady_clock::now() + timeout;
  const auto run_takes = [&]() -> Result<PgResult> {
    BATON_CHECK(connect_renewing(timeout));
    return run(others_, table_.take_all(takes), PgEffect::commits, left_until(until));
  };
  std::vector<std::string_view> keys;
  for (const LeaseTake& one : takes) keys.push_back(one.mine.key);
  for (const std::size_t i : tell(run_takes(), keys, answered)) {
    answered(i, take(takes[i].mine, takes[i].seen, left_until(until)));
  }
}

Status PgLeaseStore::release(const std::string& key, const std::string& owner_name, const std::string& version,
                             Duration timeout) {
  const Time until = std::chrono::steady_clock::now() + timeout;
  PgFailure failure;
  auto written = change(table_.release(key, owner_name, version, true), timeout, &failure);
  // The queue of notifications is full, since somebody listens and never reads: nothing depends on them.
  if (!written && failure.sqlstate == queue_is_full) {
    written = change(table_.release(key, owner_name, version, false), left_until(until));
  }
  if (!written) return fail(written.error());
  if (!*written) return changed_meanwhile(key);
  return {};
}

// As take_all().
void PgLeaseStore::release_all(std::span<const LeaseRelease> releases, Duration timeout,
                               const std::function<void(std::size_t, const Status&)>& answered) {
  if (releases.size() <= 1) return LeaseStore::release_all(releases, timeout, answered);
  const Time until = std::chrono::steady_clock::now() + timeout;
  const auto run_releases = [&]() -> Result<PgResult> {
    PgFailure failure;
    auto rows = run(others_, table_.release_all(releases, true), PgEffect::commits, timeout, &failure);
    if (rows || failure.sqlstate != queue_is_full) return rows;
    return run(others_, table_.release_all(releases, false), PgEffect::commits, left_until(until));
  };
  std::vector<std::string_view> keys;
  for (const LeaseRelease& one : releases) keys.push_back(one.key);
  for (const std::size_t i : tell(run_releases(), keys, answered)) {
    const LeaseRelease& one = releases[i];
    answered(i, release(one.key, one.owner_name, one.version, left_until(until)));
  }
}

std::vector<Status> PgLeaseStore::renew(std::span<const LeaseRenewal> renewals, Duration timeout) {
  if (renewals.empty()) return {};
  const auto rows = run(renewing_, table_.renew(renewals), PgEffect::commits, timeout);
  std::set<std::string, std::less<>> renewed;  // new versions are unique, so they say which leases
  std::set<std::string, std::less<>> locked;
  for (int row = 0; rows && row < rows->rows(); ++row) {
    (rows->boolean(row, 1) ? renewed : locked).insert(rows->text(row, 0));
  }
  std::vector<Status> answers;
  answers.reserve(renewals.size());
  for (const LeaseRenewal& renewal : renewals) {
    if (!rows) {
      answers.emplace_back(fail(rows.error()));
    } else if (renewed.contains(renewal.new_version)) {
      answers.emplace_back();
    } else if (locked.contains(renewal.new_version)) {
      answers.emplace_back(
          fail(ErrorKind::retry, fmt::format("{}: table {}, key {}: another session has locked the row", shown_,
                                             table_.leases(), renewal.key)));
    } else {
      answers.emplace_back(changed_meanwhile(renewal.key));
    }
  }
  return answers;
}

// Where the tables are, or are to be: the schema that was configured, else the first of the search path that exists.
Result<std::string> schema_of(PgConnection& connection) {
  if (connection.settings().schema) return *connection.settings().schema;
  BATON_TRY(const PgResult rows, connection.query("SELECT current_schema()"));
  if (!rows.is_null(0, 0)) return rows.text(0, 0);
  return fail(ErrorKind::invalid,
              fmt::format("{}: no schema of the search path exists, so leases have no place: name one by `schema`",
                          connection.shown()));
}

Result<bool> is_complete(PgConnection& connection, const PgLeaseTable& table) {
  const auto found = connection.query("SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL",
                                      PgParameters::of(table.leases(), table.store()));
  if (found) return found->boolean(0, 0);
  Error error = found.error();
  explain(error, connection.failure(), table);
  return fail(std::move(error));
}

Status create(PgConnection& connection, const PgLeaseTable& table, Random& random) {
  BATON_TRY(const PgResult schema, connection.query("SELECT to_regnamespace($1) IS NOT NULL",
                                                    PgParameters::of(PgConnection::quoted_name(table.schema()))));
  std::string statements = "SET LOCAL synchronous_commit = on; ";  // one message without BEGIN is one transaction
  if (!schema.boolean(0, 0)) statements += "CREATE SCHEMA " + PgConnection::quoted_name(table.schema()) + "; ";
  statements += table.ddl() + "; " + table.insert_identity(uuid(random));
  const auto made = connection.script(statements);
  if (made) return {};
  Error error = made.error();
  if (!connection.lost() && connection.failure().sqlstate == "42501") {
    error.message += ": CREATE on schema and database; or make these tables yourself:\n" + table.ddl() + ";\n" +
                     table.insert_identity("a random text") + ";";
  }
  return fail(std::move(error));
}

// Any number of replicas may do this at once.
Status make_tables(PgConnection& connection, const PgLeaseTable& table, bool may_create, Random& random,
                   Duration timeout) {
  BATON_TRY(const bool complete, is_complete(connection, table));
  if (complete) return {};
  if (!may_create) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: the tables of leases are missing; create them:\n{};\n{};", connection.shown(),
                            table.ddl(), table.insert_identity("a random text")));
  }
  BATON_TRY(const PgMigrationLock lock, PgMigrationLock::take(connection, timeout * 3 / 4));
  BATON_TRY(const bool made_meanwhile, is_complete(connection, table));
  if (made_meanwhile) return {};
  return create(connection, table, random);
}

// Null where `there` says that there is none.
Result<std::unique_ptr<LeaseStore>> open_at(
    const PgSettings& settings, Duration timeout,
    const std::function<Result<bool>(PgConnection&, const PgLeaseTable&)>& there) {
  BATON_TRY(const auto connection, PgConnection::open(settings, timeout));
  connection->set_timeout(timeout);
  BATON_TRY(std::string schema, schema_of(*connection));
  PgLeaseTable table(std::move(schema));
  BATON_TRY(const bool found, there(*connection, table));
  if (!found) return nullptr;
  return std::make_unique<PgLeaseStore>(settings, std::move(table));
}

}  // namespace

Result<std::unique_ptr<LeaseStore>> open_pg_lease_store(const PgSettings& settings, bool create, Random& random,
                                                        Duration timeout) {
  return open_at(settings, timeout, [&](PgConnection& connection, const PgLeaseTable& table) -> Result<bool> {
    BATON_CHECK(make_tables(connection, table, create, random, timeout));
    return true;
  });
}

Result<std::unique_ptr<LeaseStore>> find_pg_lease_store(const PgSettings& settings, bool create, Random& random,
                                                        Duration timeout) {
  return open_at(settings, timeout, [&](PgConnection& connection, const PgLeaseTable& table) -> Result<bool> {
    BATON_TRY(const PgResult found,
              connection.query("SELECT to_regclass($1) IS NOT NULL", PgParameters::of(table.store())));
    if (!found.boolean(0, 0)) return false;
    BATON_CHECK(make_tables(connection, table, create, random, timeout));
    return true;
  });
}

}  // namespace baton

#include "postgres/lease_store.h"

#include "postgres/lease_connection.h"
#include "postgres/lease_table.h"
#include "postgres/migration_lock.h"

#include <fmt/format.h>
#include <atomic>
#include <chrono>
#include <set>
#include <utility>

namespace baton {
namespace {

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
  std::vector<Status> renew(std::span<const LeaseRenewal> renewals, Duration timeout) override;
  Status release(const std::string& key, const std::string& owner_name, const std::string& version,
                 Duration timeout) override;

 private:
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

Status PgLeaseStore::take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen, Duration timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  // The renewals of what is taken have little time: their connection is there before.
  if (!may_renew_.exchange(true)) {
    const Status connected = renewing_.connect(timeout);
    if (!connected) may_renew_ = false;
    BATON_CHECK(connected);
  }
  const auto left = std::chrono::floor<Duration>(until - std::chrono::steady_clock::now());
  BATON_TRY(const bool written, change(table_.take(mine, seen), left));
  if (!written) return changed_meanwhile(mine.key);
  return {};
}

Status PgLeaseStore::release(const std::string& key, const std::string& owner_name, const std::string& version,
                             Duration timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  PgFailure failure;
  auto written = change(table_.release(key, owner_name, version, true), timeout, &failure);
  // The queue of notifications is full, since somebody listens and never reads: nothing depends on them.
  if (!written && failure.sqlstate == "54000") {
    const auto left = std::chrono::floor<Duration>(until - std::chrono::steady_clock::now());
    written = change(table_.release(key, owner_name, version, false), left);
  }
  if (!written) return fail(written.error());
  if (!*written) return changed_meanwhile(key);
  return {};
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

}  // namespace

Result<std::unique_ptr<LeaseStore>> open_pg_lease_store(const PgSettings& settings, bool create, Random& random,
                                                        Duration timeout) {
  BATON_TRY(const auto connection, PgConnection::open(settings, timeout));
  connection->set_timeout(timeout);
  BATON_TRY(std::string schema, schema_of(*connection));
  PgLeaseTable table(std::move(schema));
  BATON_CHECK(make_tables(*connection, table, create, random, timeout));
  return std::unique_ptr<LeaseStore>(std::make_unique<PgLeaseStore>(settings, std::move(table)));
}

}  // namespace baton

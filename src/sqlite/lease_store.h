// Leases in a SQLite file of their own, shared by several processes of one machine.
#pragma once

#include "base/random.h"
#include "lease/lease_store.h"
#include "sqlite/connection.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>

namespace baton {

class SqliteLeaseStore final : public LeaseStore {
 public:
  // Makes the file and its tables where they are missing; any number of processes may do that at once. `invalid` with
  // the next step: its folder is missing, it may not be written, it is no database.
  static Result<std::unique_ptr<SqliteLeaseStore>> open(const std::string& path, Random& random,
                                                        Duration timeout = Duration(10'000));

  Result<std::string> identity(Duration timeout) override;
  Result<std::optional<LeaseRecord>> read(const std::string& key, Duration timeout) override;
  Result<std::vector<LeaseRecord>> list(Duration timeout) override;
  Status take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen, Duration timeout) override;
  // One UPDATE for all.
  std::vector<Status> renew(std::span<const LeaseRenewal> renewals, Duration timeout) override;
  Status release(const std::string& key, const std::string& owner_name, const std::string& version,
                 Duration timeout) override;

 private:
  class Turn;

  explicit SqliteLeaseStore(std::unique_ptr<SqliteConnection> connection) : connection_(std::move(connection)) {}

  Status create_tables(Random& random);
  Result<bool> change(SqliteStatement& statement);
  Result<std::set<std::string>> renew_in_one(const Turn& turn, std::span<const LeaseRenewal> renewals);
  Error write_error(Error error) const;

  std::unique_ptr<SqliteConnection> connection_;  // used by whoever has the turn
  std::mutex mutex_;
  std::condition_variable turn_ended_;
  bool taken_ = false;
  int renewals_waiting_ = 0;  // they go before all others
};

}  // namespace baton

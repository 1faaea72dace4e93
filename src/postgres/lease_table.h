// The table of leases: its SQL and its rows (P1).
#pragma once

#include "lease/lease_store.h"
#include "postgres/connection.h"

#include <optional>
#include <span>
#include <string>

namespace baton {

class PgLeaseTable {
 public:
  explicit PgLeaseTable(std::string schema);

  const std::string& schema() const { return schema_; }
  const std::string& leases() const { return leases_; }  // "schema"."baton_lease"
  const std::string& store() const { return store_; }    // "schema"."baton_lease_store"

  std::string ddl() const;  // both tables
  std::string insert_identity(const std::string& id) const;

  // Of record_in's columns.
  std::string read_one(const std::string& key) const;
  std::string read_all() const;
  // A row for each record that was written.
  std::string take(const LeaseRecord& mine, const std::optional<LeaseRecord>& seen) const;
  std::string release(const std::string& key, const std::string& owner_name, const std::string& version,
                      bool notify) const;
  // (key, true) for each that was written, and (key, false) for each whose row somebody else has locked.
  std::string take_all(std::span<const LeaseTake> takes) const;
  // The same, with a third column.
  std::string release_all(std::span<const LeaseRelease> releases, bool notify) const;
  // (new version, true) for each that was renewed, and (new version, false) for each whose row somebody else has
  // locked.
  std::string renew(std::span<const LeaseRenewal> renewals) const;

  // `invalid` for a row that is no lease; `shown` is the database's.
  Result<LeaseRecord> record_in(const PgResult& rows, int row, const std::string& shown) const;

 private:
  std::string schema_;
  std::string leases_;
  std::string store_;
};

}  // namespace baton

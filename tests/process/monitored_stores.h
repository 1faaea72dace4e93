// Where the repository and the leases of monitored replicas are, for tests of the same troubles on every store.
#pragma once

#include "lease/lease_store.h"
#include "tests/doubles/workspace.h"
#include "tests/process/replica_config.h"

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

namespace baton {

class PgConnection;

class MonitoredStores {
 public:
  MonitoredStores() = default;
  MonitoredStores(const MonitoredStores&) = delete;
  MonitoredStores& operator=(const MonitoredStores&) = delete;
  virtual ~MonitoredStores() = default;

  // Keys of `repository` and `locks`.
  virtual void choose_in(ReplicaConfig& config) const = 0;
  // All values of the answer, joined with '|', rows with '\n'. Empty where a table of the statement is not there yet.
  virtual std::optional<std::string> repository(const std::string& sql) = 0;
  // A client of the test's own.
  virtual LeaseStore& leases() = 0;
};

struct MonitoredStoresFactory {
  const char* name;
  std::function<std::unique_ptr<MonitoredStores>(const Workspace& workspace)> make;
};

// Test names hold what is printed here.
inline void PrintTo(const MonitoredStoresFactory& factory, std::ostream* out) { *out << factory.name; }

// As MonitoredStores::repository, over that connection.
std::optional<std::string> answer_text(PgConnection& connection, const std::string& sql);

MonitoredStoresFactory sqlite_monitored();
MonitoredStoresFactory postgres_monitored();
// The locks; the repository is in SQLite.
MonitoredStoresFactory dynamodb_monitored();

}  // namespace baton

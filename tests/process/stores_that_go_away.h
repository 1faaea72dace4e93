// A job repository and a lease store that a test takes away and brings back, each on its own.
#pragma once

#include "tests/doubles/workspace.h"
#include "tests/process/replica_config.h"

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

namespace baton {

class StoresThatGoAway {
 public:
  StoresThatGoAway() = default;
  StoresThatGoAway(const StoresThatGoAway&) = delete;
  StoresThatGoAway& operator=(const StoresThatGoAway&) = delete;
  virtual ~StoresThatGoAway() = default;

  enum class Store { repository, leases };

  // Keys of `repository` and `locks`.
  virtual void choose_in(ReplicaConfig& config) const = 0;
  virtual void take_away(Store store) = 0;
  virtual void bring_back(Store store) = 0;
  // As MonitoredStores::repository; of one that is there.
  virtual std::optional<std::string> repository(const std::string& sql) = 0;
};

struct StoresThatGoAwayFactory {
  const char* name;
  std::function<std::unique_ptr<StoresThatGoAway>(const Workspace& workspace)> make;
};

// Test names hold what is printed here.
inline void PrintTo(const StoresThatGoAwayFactory& factory, std::ostream* out) { *out << factory.name; }

// Their folders are moved away.
StoresThatGoAwayFactory sqlite_that_goes_away();
// The server is behind proxies that say that it is down.
StoresThatGoAwayFactory postgres_that_goes_away();
// So for the locks; the repository is in SQLite.
StoresThatGoAwayFactory dynamodb_that_goes_away();

}  // namespace baton

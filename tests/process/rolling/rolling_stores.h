// The stores that rolling updates are tried on: where repository, leases and data lie, and how a test asks them.
#pragma once

#include "tests/doubles/workspace.h"

#include <chrono>
#include <memory>
#include <string>

namespace baton {

class RollingStores {
 public:
  RollingStores() = default;
  RollingStores(const RollingStores&) = delete;
  RollingStores& operator=(const RollingStores&) = delete;
  virtual ~RollingStores() = default;

  // `repository`, `locks` (with these timings) and the connection `warehouse` of a configuration.
  virtual std::string settings(const std::string& timings) const = 0;
  // First value of the answer; a refused statement fails the test. Tables of the repository are named without a schema.
  virtual std::string repository(const std::string& sql) const = 0;
  virtual std::string warehouse(const std::string& sql) const = 0;
  // This process is inside of a transaction that keeps the others' transactions out for as long as it stands still.
  virtual bool keeps_others_out(int /*process*/) const { return false; }

  // From one owner's release to the next one's take, on a machine that does nothing else.
  std::chrono::milliseconds hand_over_bound{0};
};

// "SQLite", "PostgreSQL", or "DynamoDB": leases there, the rest in PostgreSQL. `workspace` outlives it.
std::unique_ptr<RollingStores> rolling_stores(const std::string& name, const Workspace& workspace,
                                              std::chrono::milliseconds refresh);

}  // namespace baton

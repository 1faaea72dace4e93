// baton_reject in a SQLite file.
#pragma once

#include "batch/reject_log.h"
#include "sqlite/connection.h"

namespace baton {

class SqliteRejectLog final : public RejectLog {
 public:
  explicit SqliteRejectLog(SqliteConnection& connection) : connection_(connection) {}

  Result<std::vector<LoggedReject>> list(const RejectFilter& filter) override;

 private:
  SqliteConnection& connection_;
};

}  // namespace baton

// The target of a load as it is now; nothing is changed there.
#pragma once

#include "app/planned_step.h"
#include "baton/result.h"
#include "data/writer.h"

#include <memory>
#include <string>
#include <vector>

namespace baton {

class PgSession;

struct ArrivingColumns {
  std::vector<std::string> names;
  std::vector<std::string> forms;  // as TableWriter::takes_native gets them; empty: all are text
};

class TargetLook {
 public:
  TargetLook() = default;
  TargetLook(const TargetLook&) = delete;
  TargetLook& operator=(const TargetLook&) = delete;
  virtual ~TargetLook() = default;

  // False also where that cannot be found out.
  virtual bool table_is_missing() = 0;
  // As TableWriter::columns.
  virtual Result<std::vector<std::string>> columns() = 0;
  // Fills in what is known with these columns arriving, all that it can take where there are none. Errors as
  // TableWriter::bind; `problems` gets what the write would fail with later on.
  virtual Status plan(const ArrivingColumns& arriving, PlannedTarget& target, std::vector<Error>& problems) = 0;
};

// The session outlives it. `may_migrate`: Baton's own tables are made where they are missing.
std::unique_ptr<TargetLook> look_at_pg_target(PgSession& session, TableSpec spec, bool may_migrate);

// No error where the file is not there yet.
Result<std::unique_ptr<TargetLook>> look_at_sqlite_target(const std::string& path, TableSpec spec);

}  // namespace baton

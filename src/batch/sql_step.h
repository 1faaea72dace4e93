// The sql step: one chunk (P14). The statements, the progress that says they are done, and the guard are one
// transaction; after a restart a committed step is not run again.
#pragma once

#include "batch/step.h"

#include <memory>
#include <string>

namespace baton {

struct SqlPlan {
  std::string name;
  std::string statement;
  bool transaction = true;  // false: at least once, for what cannot run in a transaction
  int retry_limit = 3;
};

std::unique_ptr<Step> make_sql_step(SqlPlan plan, Database* target);

}  // namespace baton

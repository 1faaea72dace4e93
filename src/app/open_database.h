// A database of the configuration that was opened for a job.
#pragma once

#include "batch/database.h"
#include "batch/reject_log.h"

#include <functional>
#include <memory>
#include <string>

namespace baton {

struct OpenDatabase {
  std::unique_ptr<Database> database;
  std::function<bool()> usable;  // false once it must be opened anew
};

// The rejects of one database; `log` is null where it is not there.
struct OpenRejects {
  std::string identity;
  std::unique_ptr<RejectLog> log;
};

}  // namespace baton

// A database of the configuration that was opened for a job.
#pragma once

#include "batch/database.h"

#include <functional>
#include <memory>

namespace baton {

struct OpenDatabase {
  std::unique_ptr<Database> database;
  std::function<bool()> usable;  // false once it must be opened anew
};

}  // namespace baton

// A database of the configuration that was opened for a job.
#pragma once

#include "batch/database.h"
#include "batch/reject_log.h"
#include "batch/retention.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace baton {

struct OpenDatabase {
  std::unique_ptr<Database> database;
  std::function<bool()> usable;  // false once it must be opened anew
};

// The rejects of one database; `log` is null where it is not there.
struct OpenRejects {
  std::string identity;
  std::shared_ptr<RejectLog> log;
};

// What runs have left in one database; `traces` is null where it is not there.
struct OpenTraces {
  std::string identity;
  std::shared_ptr<RunTraces> traces;
};

struct TracesElsewhere {
  std::vector<OpenTraces> open;
  std::map<std::string, Error> away;  // by connection
};

// A part that works over a connection, with a connection of its own.
template <class Part, class Connection>
std::shared_ptr<Part> with_its_own(std::unique_ptr<Connection> connection) {
  struct Both {
    explicit Both(std::unique_ptr<Connection> its) : connection(std::move(its)), part(*connection) {}
    std::unique_ptr<Connection> connection;
    Part part;
  };
  const auto both = std::make_shared<Both>(std::move(connection));
  return {both, &both->part};
}

}  // namespace baton

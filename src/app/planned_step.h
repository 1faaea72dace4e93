// What `baton plan` says of a step: values, made by plan_steps and shown by plan_text.
#pragma once

#include "baton/error.h"
#include "data/writer.h"
#include "dynamodb/lock_cost.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace baton {

struct PlannedInput {
  std::string name;
  std::vector<std::string> columns;  // that it has; empty: it could not be opened
  std::string restart;               // where a restart goes on
};

// A part of a database that the step, or the migration before it, makes.
struct PlannedPart {
  std::string what;
  std::string sql;
};

struct PlannedTarget {
  std::string connection;
  std::string database;        // without secrets
  std::string table;           // as the database spells it, where that is known; of a native writer its name
  bool native_writer = false;  // the database keeps progress only
  WriteMode mode = WriteMode::append;
  std::vector<std::string> key;
  int writers = 1;
  std::vector<PlannedPart> creates;
  std::string way;                                            // of the rows into the table; empty: not known
  std::string text_reason;                                    // why it is text COPY, where it is
  std::vector<std::pair<std::string, std::string>> encoders;  // column → how it is encoded
  std::optional<std::vector<std::string>> native;  // columns that go over as their binary bytes; absent: none
                                                   // is read so
  std::vector<std::string> slowed_by;              // indexes, triggers, foreign keys
  int closing_chunks = 0;
  bool row_security = false;  // the table's policies apply to the role
};

struct PlannedLoad {
  PlannedInput input;
  std::vector<std::string> process;
  PlannedTarget target;
  std::uint64_t chunk_rows = 0;
  std::string skip;
  int retry_limit = 0;
};

struct PlannedSql {
  std::string connection;
  std::string database;
  std::vector<std::string> statements;  // the first word of each: the text itself may hold secrets
  bool transaction = true;
};

struct PlannedCommand {
  std::string program;
  std::size_t arguments = 0;             // which may hold secrets too
  std::vector<std::string> environment;  // names
};

struct PlannedNative {
  std::string name;
  std::vector<std::string> options;  // names
};

// Locks in DynamoDB.
struct PlannedLocks {
  std::string table;
  LockLoad load;
  LockCost cost;
};

struct PlannedStep {
  std::string job;
  std::string step;
  std::variant<PlannedLoad, PlannedSql, PlannedCommand, PlannedNative> work;
  std::vector<Error> problems;     // with which it would fail now
  std::vector<std::string> notes;  // what an earlier step may change
};

}  // namespace baton

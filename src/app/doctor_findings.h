// What `baton doctor` makes of facts: pure decisions.
#pragma once

#include "app/planned_step.h"
#include "base/clock.h"
#include "postgres/schema_facts.h"
#include "postgres/server_facts.h"
#include "sqlite/file_facts.h"

#include <string>
#include <vector>

namespace baton {

enum class FindingLevel { ok, warning, error };

struct Finding {
  FindingLevel level = FindingLevel::ok;
  std::string where;
  std::string what;
  std::string remedy;    // empty: none, or `what` says it
  bool for_now = false;  // an error that may pass by itself
};

// What the configuration does with a database.
struct DatabaseUse {
  bool writes = false;  // to it
  bool loads = false;   // rows into it
  int pool = 1;         // connections that a replica may open to it
};

// An error as a finding; what it says ends with its next step.
Finding finding_of(const std::string& where, const Error& error);

std::vector<Finding> findings_of(const std::string& where, const PgServerFacts& facts, const DatabaseUse& use,
                                 Duration clock_tolerance);
std::vector<Finding> findings_of(const std::string& where, const PgSchemaFacts& facts, bool may_migrate);
std::vector<Finding> findings_of(const std::string& where, const PgSpringFacts& facts);
// Empty where the schema can be used.
std::vector<Finding> findings_of(const std::string& where, const std::string& schema, const PgSearchedSchema& facts);
std::vector<Finding> findings_of(const std::string& where, const SqliteFileFacts& facts, bool writes);
// Of the tables in a SQLite file.
std::vector<Finding> findings_of_repository(const std::string& where, bool needs_migration, bool may_migrate);
std::vector<Finding> findings_of(const PlannedStep& step);

}  // namespace baton

// The tables of a job repository: Spring Batch's six and three sequences, and Baton's own.
// Source: facts on schema-postgresql.sql of Spring Batch 5.0.0 to 5.2.6 and 6.0.0 to 6.0.4, which are the same but for
// the name of one sequence.
#pragma once

#include "batch/job_parameters.h"
#include "postgres/target_tables.h"

#include <string>
#include <string_view>
#include <vector>

namespace baton {

struct SpringColumn {
  std::string_view name;  // as PostgreSQL folds it
  std::string_view type;  // with its constraints
};

struct SpringTable {
  std::string_view name;
  std::vector<SpringColumn> columns;
  // "CONSTRAINT … FOREIGN KEY (…) REFERENCES {}.…", where {} stands for the quoted schema; empty where there is none.
  std::string_view constraint;
  // The columns that Spring Batch's reference manual recommends to index; empty: none.
  std::string_view indexed;
};

const std::vector<SpringTable>& spring_tables();

// In the order of the tables whose ids they make: instances, executions, steps.
struct SpringSequence {
  std::string_view name;
  std::string_view table;
  std::string_view id;
};
std::vector<SpringSequence> spring_sequences(JobKeyFormat format);

std::string create_spring_table(const SpringTable& table, const std::string& quoted_schema);
std::string create_spring_sequence(const SpringSequence& sequence, const std::string& quoted_schema);

// Version 1. What a later Baton adds without changing what is there is made where it is missing, and an earlier one
// passes it over: replicas of both may run beside each other.
const std::vector<PgTableText>& pg_repository_tables();

}  // namespace baton

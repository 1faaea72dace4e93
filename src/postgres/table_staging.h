// Staging tables (P13) and the statements that bring their rows into the target.
#pragma once

#include "baton/result.h"
#include "postgres/connection.h"
#include "postgres/table_plan.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// The column of a staging table that holds the input's order.
inline constexpr std::string_view staged_record = "baton_record";

// At most 63 bytes, made of all of its arguments.
std::string pg_staging_name(const std::string& repository_id, std::int64_t instance, const std::string& schema,
                            const std::string& table);

enum class StagedKeys {
  enforced,  // replace: what the target would refuse is refused while the row's place is known
  repeated,  // upsert and mirror: a later row of a key takes the place of an earlier one
};

// "(baton_record bigint, …)": the columns that arrive, with their types and, where no trigger could change what is
// checked, NOT NULL and the CHECK constraints over them.
std::string staging_columns(const PgTablePlan& plan, const PgTableShape& target, StagedKeys keys);

// All of the staged rows, or those of the records of `range` ("baton_record BETWEEN 1 AND 9"), become the table's.
std::string insert_staged_sql(const PgTablePlan& plan, const std::string& staging, const std::string& range = {});
// Whether a merge by this key changes the column.
bool is_merged(const PgTargetColumn& column, const std::vector<std::string>& key);
// By key: the last staged row of each; rows that are as they should be are left alone.
std::string merge_staged_sql(const PgTablePlan& plan, const std::vector<std::string>& key, const std::string& staging,
                             const std::string& range = {});
// The same, where triggers may leave rows out: its one row has the number of those that are neither in the table as
// they should be nor were brought there.
std::string insert_and_count_sql(const PgTablePlan& plan, const std::string& staging, const std::string& range = {});
std::string merge_and_count_sql(const PgTablePlan& plan, const std::vector<std::string>& key,
                                const std::string& staging, const std::string& range = {});
// Before merge_staged_sql, where unique values move between rows, which it changes one after the other: those that it
// would change go, and come back changed when all are gone. Empty: none can. REQUIRES: the table's rows are not bound.
std::string move_staged_sql(const PgTablePlan& plan, const PgTableShape& target, const std::vector<std::string>& key,
                            const std::string& staging, const std::string& range = {});
// The target's rows whose key is not staged; not those of tables that inherit from it, partitions excepted.
std::string delete_unstaged_sql(const PgTablePlan& plan, const PgTableShape& target,
                                const std::vector<std::string>& key, const std::string& staging);

// replace: how the staged rows become the only ones of the table, which keeps its owner, privileges, indexes,
// constraints, sequences, triggers, policies and comments, and views and foreign keys of others go on meaning it. Where
// no foreign key of another table leads to it, it is emptied and filled; else rows whose key is staged are kept and
// changed, so that the rows of others keep what they refer to.
struct PgReplaceWay {
  std::string before;            // statements
  std::vector<std::string> key;  // to merge by; empty: the rows are inserted
};
Result<PgReplaceWay> way_to_replace(const PgTablePlan& plan, const PgTableShape& target, const std::string& staging);

}  // namespace baton

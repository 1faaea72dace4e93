// Staging tables of the modes replace and mirror (P13), and how they become the target's content. Every function runs
// in the caller's transaction on schema main.
#pragma once

#include "baton/result.h"
#include "sqlite/connection.h"
#include "sqlite/table_plan.h"
#include "sqlite/table_shape.h"

#include <cstdint>
#include <string>
#include <vector>

namespace baton {

std::string staging_name(const std::string& repository_id, std::int64_t instance, const std::string& table);

// An empty table defined as the target, with its unique indexes, so that what the target would refuse is refused while
// the row's place is still known; and with a unique index over `key` where it has none. AUTOINCREMENT goes on from
// the target's number.
Status create_staging(SqliteConnection& connection, const TableShape& target, const std::vector<std::string>& key,
                      const std::string& staging);

Status drop_staging(SqliteConnection& connection, const std::string& staging);

// replace: the staging takes the target's place and name. Indexes and triggers are made again; views and other tables'
// foreign keys go on meaning the name. `invalid` where the target was changed since, or where a foreign key would be
// broken. REQUIRES: foreign_keys is off.
Status swap_staging(SqliteConnection& connection, const std::string& table, const std::string& staging);

// mirror: staged rows into the target by key; rows that are as they should be are left alone.
Status merge_staging(SqliteConnection& connection, const TablePlan& plan, const std::string& staging);

// mirror: the target's rows whose key is not staged.
Status delete_unstaged(SqliteConnection& connection, const TablePlan& plan, const std::string& staging);

// `invalid`, naming the first, where `table` has rows whose foreign keys lead nowhere.
Status check_foreign_keys(SqliteConnection& connection, const std::string& table);

}  // namespace baton

// The text of CREATE statements as sqlite_schema keeps it, under another name.
#pragma once

#include "baton/result.h"

#include <string>
#include <string_view>

namespace baton {

// "CREATE TABLE name(…)" with another name. `invalid` for what is no plain table (CREATE VIRTUAL TABLE).
Result<std::string> renamed_table(std::string_view sql, std::string_view name);

// "CREATE [UNIQUE] INDEX name ON table(…)" as an index `name` on `table`.
Result<std::string> renamed_index(std::string_view sql, std::string_view name, std::string_view table);

}  // namespace baton

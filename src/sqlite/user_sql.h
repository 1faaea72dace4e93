// SQL text that a user wrote: several statements, run one after the other.
#pragma once

#include "baton/result.h"
#include "sqlite/connection.h"

#include <cstdint>
#include <string>

namespace baton {

enum class TransactionControl {
  refused,  // the text runs inside Baton's own transaction (P14): BEGIN, COMMIT, ROLLBACK, SAVEPOINT, ATTACH are errors
  allowed,
};

// The number of rows changed. Rows that a SELECT returns are read and dropped. A transaction that the text leaves open
// is rolled back and an error.
Result<std::int64_t> run_user_sql(SqliteConnection& connection, const std::string& sql, TransactionControl control);

}  // namespace baton

// SQL text that a user wrote: several statements, run one after the other (P14).
#pragma once

#include "postgres/session.h"

#include <cstdint>
#include <functional>
#include <string>

namespace baton {

enum class PgTransactionControl {
  refused,  // the text runs inside Baton's own transaction: BEGIN, COMMIT, SAVEPOINT and the like are errors
  allowed,
};

// `invalid`, naming line and column, for what is refused whatever the database holds; `shown` is the database's.
Status check_pg_user_sql(const std::string& shown, const std::string& sql, PgTransactionControl control);

// The number of rows that INSERT, UPDATE, DELETE, MERGE and COPY changed. Rows that a SELECT returns are dropped as
// they come. Each statement is a message of its own, and `before`, where there is one, is asked before each. An error
// names line and column of the text. `retry` after PgSession::interrupt(), also of one that came before the statement.
Result<std::int64_t> run_pg_user_sql(PgSession& session, PgConnection& connection, const std::string& sql,
                                     PgTransactionControl control, const std::function<Status()>& before = nullptr);

}  // namespace baton

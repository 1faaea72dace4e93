#include "sqlite/user_sql.h"

#include "sqlite/sqlite_error.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace baton {
namespace {

struct Refusal {
  bool refused = false;
};

int authorize(void* user, int action, const char*, const char*, const char*, const char*) {
  if (action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT || action == SQLITE_ATTACH ||
      action == SQLITE_DETACH) {
    static_cast<Refusal*>(user)->refused = true;
    return SQLITE_DENY;
  }
  return SQLITE_OK;
}

// Takes the authorizer off again whatever happens.
class Authorizer {
 public:
  Authorizer(sqlite3* db, TransactionControl control, Refusal& refusal) : db_(db) {
    if (control == TransactionControl::refused) sqlite3_set_authorizer(db_, authorize, &refusal);
  }
  Authorizer(const Authorizer&) = delete;
  Authorizer& operator=(const Authorizer&) = delete;
  ~Authorizer() { sqlite3_set_authorizer(db_, nullptr, nullptr); }

 private:
  sqlite3* db_;
};

// Line and column of a byte of the text, for messages.
std::string place(const std::string& sql, std::size_t at) {
  std::size_t line = 1, column = 1;
  for (std::size_t i = 0; i < at && i < sql.size(); ++i) {
    column = sql[i] == '\n' ? 1 : column + 1;
    if (sql[i] == '\n') ++line;
  }
  return fmt::format("statement, line {}, column {}", line, column);
}

Status run_statement(sqlite3* db, sqlite3_stmt* statement, const std::string& where) {
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement);
  if (code == SQLITE_DONE) return {};
  return fail(sqlite_error(sqlite3_extended_errcode(db), db, where));
}

Status run_statements(SqliteConnection& connection, const std::string& sql, TransactionControl control) {
  sqlite3* db = connection.handle();
  Refusal refusal;
  const Authorizer authorizer(db, control, refusal);
  const char* rest = sql.c_str();
  const char* const end = rest + sql.size();
  while (rest < end) {
    const auto offset = static_cast<std::size_t>(rest - sql.c_str());
    const std::string where =
        fmt::format("{}: {}", connection.path(), place(sql, sql.find_first_not_of(" \t\r\n;", offset)));
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(db, rest, static_cast<int>(end - rest), &statement, &rest);
    if (refusal.refused) {
      return fail(
          ErrorKind::invalid,
          fmt::format("{}: transaction control and ATTACH are refused in a sql step, which is one transaction of "
                      "Baton's: take it out, or say `transaction: none`",
                      where));
    }
    if (code != SQLITE_OK) return fail(sqlite_error(sqlite3_extended_errcode(db), db, where));
    if (statement == nullptr) continue;  // white space or a comment
    const Status done = run_statement(db, statement, where);
    sqlite3_finalize(statement);
    BATON_CHECK(done);
  }
  return {};
}

}  // namespace

Result<std::int64_t> run_user_sql(SqliteConnection& connection, const std::string& sql, TransactionControl control) {
  const std::int64_t before = sqlite3_total_changes64(connection.handle());
  const Status done = run_statements(connection, sql, control);
  const bool left_open = control == TransactionControl::allowed && connection.in_transaction();
  if (left_open) connection.rollback();
  BATON_CHECK(done);
  if (left_open) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: the statement left a transaction open, which was rolled back: end it with "
                            "COMMIT",
                            connection.path()));
  }
  return sqlite3_total_changes64(connection.handle()) - before;
}

}  // namespace baton

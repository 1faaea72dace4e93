#include "postgres/user_sql.h"

#include "base/utf8.h"
#include "postgres/sql_text.h"

#include <fmt/format.h>
#include <libpq-fe.h>

namespace baton {
namespace {

// The byte at which character `position` (from 1) of the text begins.
std::size_t byte_of(std::string_view text, int position) {
  std::size_t at = 0;
  for (int character = 1; character < position && at < text.size(); ++character) {
    do ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80);
  }
  return at;
}

constexpr const char* no_client = "COPY from STDIN or to STDOUT has no other end in a sql step: use a load step";

std::string place_of(const std::string& shown, const std::string& sql, std::size_t offset) {
  return fmt::format("{}: statement, {}", shown, place_in(sql, offset));
}

tl::unexpected<Error> refused(const std::string& place, const std::string& why) {
  return fail(ErrorKind::invalid, fmt::format("{}: {}", place, why));
}

class UserSql {
 public:
  UserSql(PgSession& session, PgConnection& connection, const std::string& sql)
      : session_(session), connection_(connection), sql_(sql) {}

  Result<std::int64_t> run(const SqlStatement& statement) {
    if (session_.interrupted()) return fail(ErrorKind::retry, at(statement.offset) + ": interrupted");
    // By itself: a message of parse, bind and execute holds one statement only, whatever the text was cut into.
    const auto result = connection_.run(std::string(statement.text));
    if (!result) return fail(explained(statement, result.error()));
    const ExecStatusType status = PQresultStatus(result->handle());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
      return refused(at(statement.offset), no_client);
    }
    return result->changed();
  }

 private:
  std::string at(std::size_t offset) const { return place_of(connection_.shown(), sql_, offset); }

  // The server's words at their place in the whole text.
  Error explained(const SqlStatement& statement, const Error& error) const {
    const PgFailure& failure = connection_.failure();
    if (connection_.lost() || failure.message.empty()) return error;
    std::string text =
        fmt::format("{}: {} (SQLSTATE {})", at(statement.offset + byte_of(statement.text, failure.position)),
                    failure.message, failure.sqlstate);
    if (!failure.detail.empty()) text += fmt::format("; {}", failure.detail);
    if (!failure.hint.empty()) text += fmt::format("; {}", failure.hint);
    if (!failure.context.empty()) text += "; in " + visible(failure.context);
    return {error.kind, std::move(text)};
  }

  PgSession& session_;
  PgConnection& connection_;
  const std::string& sql_;
};

}  // namespace

Status check_pg_user_sql(const std::string& shown, const std::string& sql, PgTransactionControl control) {
  for (const SqlStatement& statement : split_statements(sql)) {
    const std::string place = place_of(shown, sql, statement.offset);
    if (control == PgTransactionControl::refused && is_transaction_control(statement)) {
      return refused(place,
                     "transaction control is refused in a sql step, which is one transaction of Baton's: take it out, "
                     "or say `transaction: none`");
    }
    if (is_client_copy(statement)) return refused(place, no_client);
  }
  return {};
}

Result<std::int64_t> run_pg_user_sql(PgSession& session, PgConnection& connection, const std::string& sql,
                                     PgTransactionControl control, const std::function<Status()>& before) {
  UserSql text(session, connection, sql);
  BATON_CHECK(check_pg_user_sql(connection.shown(), sql, control));
  std::int64_t changed = 0;
  for (const SqlStatement& statement : split_statements(sql)) {
    if (before) BATON_CHECK(before());
    BATON_TRY(const std::int64_t rows, text.run(statement));
    changed += rows;
  }
  return changed;
}

}  // namespace baton

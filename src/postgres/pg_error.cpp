#include "postgres/pg_error.h"

#include <algorithm>
#include <array>
#include <utility>

namespace baton {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 17> next_steps{{
    {"08P01", "check that this is a PostgreSQL server"},
    {"22001", "make the column longer or the value shorter"},
    {"25006", "what `read` runs may not write, and no `sql` step may set its transactions to READ ONLY"},
    {"28000", "check username, and pg_hba.conf on the server"},
    {"28P01", "check username and password"},
    {"3D000", "create the database, or correct its name in the URL"},
    {"3F000", "create the schema, or correct its name"},
    {"42501", "grant the role that privilege"},
    {"42703", "correct the column's name"},
    {"42P01", "create the table, or correct its name and schema"},
    {"42P06", "use the schema that is there"},
    {"53100", "free space on the server's disk"},
    {"53300", "raise max_connections on the server, or lower pool and replica.tokens"},
    {"53400", "raise the server's limit"},
    {"57P03", "wait until the server has started"},
    {"57P01", ""},
    {"55000", ""},
}};

}  // namespace

ErrorKind pg_error_kind(std::string_view state) {
  if (state == "40003" || state == "08007") return ErrorKind::unknown_outcome;
  if (state == "08P01") return ErrorKind::internal;
  const std::string_view top = state.substr(0, 2);
  if (top == "08" || top == "40" || top == "53") return ErrorKind::retry;
  if (state == "55P03" || state == "57014" || state.substr(0, 4) == "57P0" || state == "25P03" || state == "57P05") {
    return state == "57P04" ? ErrorKind::invalid : ErrorKind::retry;  // 57P04: the database was dropped
  }
  if (top == "58") return ErrorKind::retry;
  if (top == "XX") return ErrorKind::internal;
  return ErrorKind::invalid;
}

std::string_view pg_next_step(std::string_view state, const PgErrorOrigin& origin) {
  if (state == "25006" && origin.on_standby) return "name the primary server in the URL: this one is a standby";
  if (state == "42501" && (origin.function == "ExecWithCheckOptions" || origin.function == "check_enable_rls")) {
    return "let a policy allow it (CREATE POLICY … WITH CHECK), or connect as the table's owner, where it has no FORCE "
           "ROW LEVEL SECURITY, or as a role with BYPASSRLS";
  }
  const auto* const found =
      std::find_if(next_steps.begin(), next_steps.end(), [&](const auto& step) { return step.first == state; });
  return found == next_steps.end() ? std::string_view() : found->second;
}

bool pg_refuses_row(std::string_view state) {
  const std::string_view top = state.substr(0, 2);
  return top == "23" || top == "22";
}

}  // namespace baton

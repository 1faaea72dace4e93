#include "app/table_input.h"

#include "app/store_postgres.h"
#include "postgres/table_reader.h"
#include "sqlite/table_reader.h"

#include <fmt/format.h>

namespace baton {
namespace {

std::string connection_name(const std::optional<Placed<std::string>>& connection) {
  return connection ? connection->value : "repository";
}

Result<std::unique_ptr<Reader>> make_input(const DatabaseConfig& database, PgReadSpec spec, const std::string& step,
                                           InputUse use) {
  if (database.kind == DatabaseKind::sqlite) {
    return make_sqlite_reader(
        {spec.connection, database.path.value, spec.table, spec.sql, spec.key, use == InputUse::look}, step);
  }
  BATON_TRY(PgSettings settings, settings_of(database, "baton " + step));
  return make_pg_reader(std::move(settings), std::move(spec), step);
}

std::vector<std::string> plain(const std::vector<Placed<std::string>>& placed) {
  std::vector<std::string> texts;
  for (const auto& one : placed) texts.push_back(one.value);
  return texts;
}

}  // namespace

Result<std::unique_ptr<Reader>> make_table_input(const TableReadConfig& read, const std::string& step, InputUse use) {
  return make_input(read.database, {connection_name(read.connection), read.name.value, "", plain(read.key)}, step, use);
}

Result<std::unique_ptr<Reader>> make_query_input(const QueryReadConfig& read, const std::string& step, InputUse use) {
  return make_input(read.database, {connection_name(read.connection), "", read.sql.value, plain(read.key)}, step, use);
}

std::string name_of(const TableReadConfig& read) {
  return fmt::format("table {} of connection \"{}\"", read.name.value, connection_name(read.connection));
}

std::string name_of(const QueryReadConfig& read) {
  return fmt::format("the query of connection \"{}\"", connection_name(read.connection));
}

}  // namespace baton

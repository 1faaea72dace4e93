#include "postgres/table_name.h"

#include "postgres/connection.h"

#include <fmt/format.h>
#include <optional>
#include <vector>

namespace baton {
namespace {

// Takes a part off the front of `rest`; empty: there is none.
std::optional<std::string> take_part(std::string_view& rest) {
  std::string part;
  if (!rest.starts_with('"')) {
    part = rest.substr(0, rest.find('.'));
    rest.remove_prefix(part.size());
  } else {
    for (rest.remove_prefix(1);; rest.remove_prefix(1)) {
      if (rest.empty()) return std::nullopt;
      if (rest.starts_with('"')) {
        rest.remove_prefix(1);
        if (!rest.starts_with('"')) break;
      }
      part += rest.front();
    }
  }
  if (part.empty() || !(rest.empty() || rest.starts_with('.'))) return std::nullopt;
  return part;
}

std::string written(const std::string& part) {
  return part.find('.') == part.npos && !part.starts_with('"') ? part : PgConnection::quoted_name(part);
}

tl::unexpected<Error> unreadable(const std::string& name) {
  std::string advice = "write schema.table, and a part that contains a dot in double quotes";
  const std::size_t dot = name.rfind('.');
  if (name.find('"') == name.npos && dot != name.npos && dot > 0 && dot + 1 < name.size()) {
    advice += fmt::format(": {}", to_text({name.substr(0, dot), name.substr(dot + 1)}));
  }
  return fail(ErrorKind::invalid, fmt::format("{} is no name of a table: {}", name.empty() ? "\"\"" : name, advice));
}

}  // namespace

Result<PgTableName> pg_table_name(const std::string& written) {
  std::string_view rest = written;
  PgTableName name;
  auto part = take_part(rest);
  if (part && !rest.empty()) {
    name.schema = *std::move(part);
    rest.remove_prefix(1);
    part = take_part(rest);
  }
  if (!part || !rest.empty()) return unreadable(written);
  name.table = *std::move(part);
  return name;
}

std::string to_text(const PgTableName& name) {
  return (name.schema.empty() ? "" : written(name.schema) + ".") + written(name.table);
}

std::string quoted(const PgTableName& name) {
  return (name.schema.empty() ? "" : PgConnection::quoted_name(name.schema) + ".") +
         PgConnection::quoted_name(name.table);
}

}  // namespace baton

#include "sqlite/table_definition.h"

#include "base/ascii_text.h"
#include "sqlite/connection.h"

#include <fmt/format.h>

namespace baton {
namespace {

bool is_name_character(char c) {
  return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Where the text after white space and comments begins.
std::size_t skip_space(std::string_view sql, std::size_t at) {
  while (at < sql.size()) {
    if (is_ascii_space(sql[at])) {
      ++at;
    } else if (sql.substr(at, 2) == "--") {
      const auto end = sql.find('\n', at);
      at = end == std::string_view::npos ? sql.size() : end + 1;
    } else if (sql.substr(at, 2) == "/*") {
      const auto end = sql.find("*/", at + 2);
      at = end == std::string_view::npos ? sql.size() : end + 2;
    } else {
      break;
    }
  }
  return at;
}

// The end of the name, keyword or quoted name that begins at `at`; `at` itself where there is none.
std::size_t name_end(std::string_view sql, std::size_t at) {
  if (at >= sql.size()) return at;
  const char open = sql[at];
  if (open == '[') {
    const auto close = sql.find(']', at);
    return close == std::string_view::npos ? at : close + 1;
  }
  if (open == '"' || open == '`' || open == '\'') {
    for (std::size_t i = at + 1; i < sql.size(); ++i) {
      if (sql[i] != open) continue;
      if (i + 1 < sql.size() && sql[i + 1] == open) {
        ++i;
      } else {
        return i + 1;
      }
    }
    return at;
  }
  std::size_t end = at;
  while (end < sql.size() && is_name_character(sql[end])) ++end;
  return end;
}

// Moves `at` behind `word` if that is next.
bool take_word(std::string_view sql, std::size_t& at, std::string_view word) {
  const std::size_t begin = skip_space(sql, at);
  const std::size_t end = name_end(sql, begin);
  if (end - begin != word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (ascii_lower(sql[begin + i]) != word[i]) return false;
  }
  at = end;
  return true;
}

bool take_name(std::string_view sql, std::size_t& at) {
  const std::size_t begin = skip_space(sql, at);
  at = name_end(sql, begin);
  return at > begin;
}

}  // namespace

Result<std::string> renamed_table(std::string_view sql, std::string_view name) {
  std::size_t at = 0;
  if (!take_word(sql, at, "create") || !take_word(sql, at, "table") || !take_name(sql, at)) {
    return fail(ErrorKind::invalid, fmt::format("this is no plain table: {}", sql.substr(0, 60)));
  }
  return fmt::format("CREATE TABLE main.{}{}", quote_identifier(name), sql.substr(at));
}

Result<std::string> renamed_index(std::string_view sql, std::string_view name, std::string_view table) {
  std::size_t at = 0;
  bool understood = take_word(sql, at, "create");
  const bool unique = understood && take_word(sql, at, "unique");
  understood =
      understood && take_word(sql, at, "index") && take_name(sql, at) && take_word(sql, at, "on") && take_name(sql, at);
  if (!understood) return fail(ErrorKind::internal, fmt::format("an index was not understood: {}", sql));
  return fmt::format("CREATE {}INDEX main.{} ON {}{}", unique ? "UNIQUE " : "", quote_identifier(name),
                     quote_identifier(table), sql.substr(at));
}

}  // namespace baton

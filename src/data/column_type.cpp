#include "data/column_type.h"

#include "base/ascii_text.h"

#include <fmt/format.h>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

namespace baton {
namespace {

struct Name {
  std::string_view text;
  TypeKind kind;
};

// The first name of a kind is the one that is printed.
constexpr std::array names = {
    Name{"boolean", TypeKind::boolean},
    Name{"bool", TypeKind::boolean},
    Name{"smallint", TypeKind::smallint},
    Name{"int2", TypeKind::smallint},
    Name{"tinyint", TypeKind::smallint},
    Name{"integer", TypeKind::integer},
    Name{"int", TypeKind::integer},
    Name{"int4", TypeKind::integer},
    Name{"mediumint", TypeKind::integer},
    Name{"bigint", TypeKind::bigint},
    Name{"int8", TypeKind::bigint},
    Name{"long", TypeKind::bigint},
    Name{"real", TypeKind::real},
    Name{"float4", TypeKind::real},
    Name{"double precision", TypeKind::double_precision},
    Name{"double", TypeKind::double_precision},
    Name{"float", TypeKind::double_precision},
    Name{"float8", TypeKind::double_precision},
    Name{"numeric", TypeKind::numeric},
    Name{"decimal", TypeKind::numeric},
    Name{"dec", TypeKind::numeric},
    Name{"text", TypeKind::text},
    Name{"string", TypeKind::text},
    Name{"clob", TypeKind::text},
    Name{"varchar", TypeKind::varchar},
    Name{"character varying", TypeKind::varchar},
    Name{"char varying", TypeKind::varchar},
    Name{"varying character", TypeKind::varchar},
    Name{"nvarchar", TypeKind::varchar},
    Name{"varchar2", TypeKind::varchar},
    Name{"char", TypeKind::character},
    Name{"character", TypeKind::character},
    Name{"nchar", TypeKind::character},
    Name{"native character", TypeKind::character},
    Name{"bpchar", TypeKind::character},
    Name{"bytea", TypeKind::bytea},
    Name{"blob", TypeKind::bytea},
    Name{"date", TypeKind::date},
    Name{"time", TypeKind::time},
    Name{"time without time zone", TypeKind::time},
    Name{"timestamp", TypeKind::timestamp},
    Name{"timestamp without time zone", TypeKind::timestamp},
    Name{"datetime", TypeKind::timestamp},
    Name{"timestamptz", TypeKind::timestamptz},
    Name{"timestamp with time zone", TypeKind::timestamptz},
    Name{"uuid", TypeKind::uuid},
    Name{"json", TypeKind::json},
    Name{"jsonb", TypeKind::jsonb},
};

constexpr std::string_view known_types =
    "boolean, smallint, integer, bigint, real, double precision, numeric(p,s), text, varchar(n), char(n), bytea, date, "
    "time, timestamp, timestamptz, uuid, json, jsonb";

constexpr int max_precision = 1000;  // PostgreSQL's
constexpr int max_length = 10'485'760;

struct Spelled {
  std::string words;           // lower case, one space between them, without the parenthesis
  std::vector<int> arguments;  // what stood in the parenthesis
};

std::optional<std::vector<int>> parse_arguments(std::string_view text) {
  std::vector<int> arguments;
  while (true) {
    while (!text.empty() && is_ascii_space(text.front())) text.remove_prefix(1);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || value < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    while (!text.empty() && is_ascii_space(text.front())) text.remove_prefix(1);
    arguments.push_back(value);
    if (text.empty()) return arguments;
    if (text.front() != ',') return std::nullopt;
    text.remove_prefix(1);
  }
}

std::optional<Spelled> spell(std::string_view text) {
  Spelled spelled;
  const auto open = text.find('(');
  std::string words(text.substr(0, open));
  if (open != std::string_view::npos) {
    const auto close = text.find(')', open);
    if (close == std::string_view::npos) return std::nullopt;
    auto arguments = parse_arguments(text.substr(open + 1, close - open - 1));
    if (!arguments) return std::nullopt;
    spelled.arguments = std::move(*arguments);
    words += ' ';
    words += text.substr(close + 1);
  }
  for (const char c : words) {
    if (!is_ascii_space(c)) {
      spelled.words += ascii_lower(c);
    } else if (!spelled.words.empty() && spelled.words.back() != ' ') {
      spelled.words += ' ';
    }
  }
  if (!spelled.words.empty() && spelled.words.back() == ' ') spelled.words.pop_back();
  return spelled;
}

// Puts the numbers in parentheses where they belong; false where the type takes none of that form.
bool apply_arguments(ColumnType& type, std::string_view words, const std::vector<int>& arguments) {
  if (arguments.empty()) return true;
  switch (type.kind) {
    case TypeKind::varchar:
    case TypeKind::character:
      type.length = arguments[0];
      return arguments.size() == 1 && type.length >= 1 && type.length <= max_length;
    case TypeKind::numeric:
      type.precision = arguments[0];
      type.scale = arguments.size() > 1 ? arguments[1] : 0;
      return arguments.size() <= 2 && type.precision >= 1 && type.precision <= max_precision &&
             type.scale <= type.precision;
    case TypeKind::double_precision:
      // The standard's float(p): p counts bits.
      if (words == "float" && arguments[0] <= 24) type.kind = TypeKind::real;
      return arguments.size() == 1 || words == "double";
    case TypeKind::smallint:
    case TypeKind::integer:
    case TypeKind::bigint:  // MySQL's display width says nothing about the values
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return arguments.size() == 1;
    default: return false;
  }
}

}  // namespace

Result<ColumnType> parse_column_type(std::string_view text) {
  if (const auto spelled = spell(text)) {
    for (const Name& name : names) {
      if (name.text != spelled->words) continue;
      ColumnType type;
      type.kind = name.kind;
      if (apply_arguments(type, spelled->words, spelled->arguments)) return type;
    }
  }
  return fail(ErrorKind::invalid, fmt::format("\"{}\" is no known column type; expected one of {}", text, known_types));
}

std::string to_text(const ColumnType& type) {
  std::string text = "other";
  for (const Name& name : names) {
    if (name.kind != type.kind) continue;
    text = name.text;
    break;
  }
  if (type.length > 0) text += fmt::format("({})", type.length);
  if (type.precision > 0) text += fmt::format("({},{})", type.precision, type.scale);
  return text;
}

bool is_integer(TypeKind kind) {
  return kind == TypeKind::smallint || kind == TypeKind::integer || kind == TypeKind::bigint;
}

bool is_character(TypeKind kind) {
  return kind == TypeKind::text || kind == TypeKind::varchar || kind == TypeKind::character;
}

}  // namespace baton

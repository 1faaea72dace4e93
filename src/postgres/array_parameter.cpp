#include "postgres/array_parameter.h"

#include <fmt/format.h>

namespace baton {

std::string array_parameter(const std::vector<std::int64_t>& numbers) {
  return fmt::format("{{{}}}", fmt::join(numbers, ","));
}

// In quotes, so that only quotes and backslashes mean something else
// (https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO).
std::string array_parameter(const std::vector<std::string>& texts) {
  std::string array = "{";
  for (const std::string& text : texts) {
    array += array.size() > 1 ? ",\"" : "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') array += '\\';
      array += c;
    }
    array += '"';
  }
  return array + "}";
}

}  // namespace baton

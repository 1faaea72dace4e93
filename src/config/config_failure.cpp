#include "base/utf8.h"
#include "config/load_config.h"

#include <fmt/format.h>

namespace baton {
namespace {

constexpr int most_columns = 160;
constexpr int columns_before_caret = 80;

// The characters of a line around the column, and below it spaces (or the same tabs) up to the caret.
std::string excerpt(std::string_view line, int caret_column) {
  const bool is_long = line.size() > most_columns;
  const int first = is_long && caret_column > columns_before_caret ? caret_column - columns_before_caret : 1;
  std::string shown = first > 1 ? "…" : "";
  std::string below = first > 1 ? " " : "";
  int column = 1;
  while (!line.empty() && column < first + most_columns) {
    const std::size_t bytes = utf8_character_bytes(line);
    if (bytes == 0) break;
    const std::string_view character = line.substr(0, bytes);
    line.remove_prefix(bytes);
    const bool is_control = static_cast<unsigned char>(character[0]) < 0x20 && character != "\t";
    if (column >= first) {
      shown += is_control ? std::string_view("?") : character;
      const int width = character == "\t" ? 1 : terminal_columns(utf8_code_point(character));
      if (column < caret_column) below.append(static_cast<std::size_t>(width), character == "\t" ? '\t' : ' ');
    }
    ++column;
  }
  if (!line.empty()) shown += "…";
  return fmt::format("  {}\n  {}^\n", shown, below);
}

}  // namespace

std::string ConfigFailure::text() const {
  std::string text;
  for (const ConfigProblem& problem : problems) {
    text += fmt::format("{}: {}\n", problem.place.text(), problem.message);
    if (!problem.line_text.empty()) text += excerpt(problem.line_text, problem.place.column);
  }
  return text;
}

}  // namespace baton

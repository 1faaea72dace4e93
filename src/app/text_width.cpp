#include "app/text_width.h"

#include <algorithm>
#include <utility>

namespace baton {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

// The end of the character that begins at `at`.
std::size_t next_character(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && continues(text[at])) ++at;
  return at;
}

}  // namespace

std::size_t text_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string without_controls(std::string text) {
  std::replace_if(text.begin(), text.end(), is_control, ' ');
  // U+0080 to U+009F: 0xC2, and 0x80 to 0x9F.
  for (std::size_t at = text.find('\xC2'); at != std::string::npos; at = text.find('\xC2', at + 1)) {
    if (at + 1 < text.size() && (static_cast<unsigned char>(text[at + 1]) & 0xE0U) == 0x80U) text.replace(at, 2, " ");
  }
  return text;
}

std::string cut_to_width(std::string text, std::size_t limit) {
  text = without_controls(std::move(text));
  if (text_width(text) <= limit) return text;
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size() && seen < limit; ++seen) at = next_character(text, at);
  return text.substr(0, at) + "…";
}

std::string padding(std::size_t width, std::string_view text) {
  const std::size_t used = text_width(text);
  return std::string(width > used ? width - used : 0, ' ');
}

std::string cut_line(std::string_view line, std::size_t columns) {
  bool coloured = false;
  std::size_t seen = 0;
  for (std::size_t at = 0; at < line.size();) {
    if (line[at] == '\x1b') {
      coloured = true;
      const std::size_t end = line.find('m', at);
      at = end == std::string_view::npos ? line.size() : end + 1;
      continue;
    }
    if (++seen > columns) return std::string(line.substr(0, at)) + (coloured ? "\x1b[0m" : "");
    at = next_character(line, at);
  }
  return std::string(line);
}

}  // namespace baton

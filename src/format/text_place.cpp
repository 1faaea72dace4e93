#include "format/text_place.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

}  // namespace

std::string text_place(const std::string& path, std::uint64_t line, std::uint64_t column) {
  return fmt::format("{}:{}:{}", path, line, column);
}

std::string text_place(const std::string& path, std::uint64_t line, std::string_view before) {
  const auto newlines = static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n'));
  if (newlines > 0) before.remove_prefix(before.rfind('\n') + 1);
  const auto characters = static_cast<std::uint64_t>(std::count_if(before.begin(), before.end(), begins_character));
  return text_place(path, line + newlines, characters + 1);
}

std::string_view clipped(std::string_view text, std::size_t limit) {
  constexpr std::size_t longest_character = 4;
  if (text.size() <= limit) return text;
  std::size_t cut = limit;
  while (cut > 0 && limit - cut < longest_character && !begins_character(text[cut])) --cut;
  return text.substr(0, begins_character(text[cut]) ? cut : limit);
}

}  // namespace baton

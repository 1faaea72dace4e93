#include "tests/docs/shown_output.h"

#include <array>
#include <regex>
#include <utility>

namespace baton {
namespace {

constexpr std::string_view ellipsis = "…";

std::string without_outer_blanks(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \n");
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(" \n") - first + 1);
}

}  // namespace

std::string comparable(const std::string& text) {
  static const std::array<std::pair<std::regex, const char*>, 9> masks{{
      {std::regex("[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?Z?"), "<time>"},
      {std::regex("\\b[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?Z?"), "<time>"},
      {std::regex("\\b(r|[A-Za-z0-9-]+)-[0-9a-f]{4}([0-9a-f]{4})?(-[0-9]+)?\\b"), "<replica>"},
      {std::regex("\\bjust now\\b|\\b[0-9.]+ (ms|s|min|h) ago\\b"), "<ago>"},
      {std::regex("\\b[0-9]+ rows/s"), "<rate>"},
      {std::regex("\\b[0-9]+([.][0-9]+)? (ms|s|min)\\b"), "<duration>"},
      {std::regex("\\b(pid|process) [0-9]+"), "$1 <pid>"},
      {std::regex("[ \t]+"), " "},
      {std::regex(" ?\n ?"), "\n"},
  }};
  std::string masked = text;
  for (const auto& [pattern, mask] : masks) masked = std::regex_replace(masked, pattern, mask);
  return without_outer_blanks(masked);
}

bool shows(const std::string& shown, const std::string& said) {
  const std::string wanted = comparable(shown);
  const std::string got = comparable(said);
  std::size_t at = 0;
  std::size_t begin = 0;
  for (bool is_first = true;; is_first = false) {
    const std::size_t end = wanted.find(ellipsis, begin);
    const std::string piece = without_outer_blanks(wanted.substr(begin, end == wanted.npos ? end : end - begin));
    if (end == wanted.npos && is_first) return got == piece;
    if (end == wanted.npos) {
      return got.size() >= at + piece.size() && got.compare(got.size() - piece.size(), piece.size(), piece) == 0;
    }
    const std::size_t found = got.find(piece, at);
    if (found == got.npos || (is_first && found != 0)) return false;
    at = found + piece.size();
    begin = end + ellipsis.size();
  }
}

}  // namespace baton

#include "runtime/output_lines.h"

#include "base/utf8.h"

#include <algorithm>

namespace baton {
namespace {

std::string cleaned(std::string_view raw) {
  std::string text(raw);
  std::replace(text.begin(), text.end(), '\t', ' ');
  return visible(text);
}

// The longest beginning that has at most `bytes` bytes and cuts no character.
std::string_view beginning(std::string_view text, std::size_t bytes) {
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

}  // namespace

void OutputLines::add(std::string_view part) {
  while (!part.empty()) {
    const std::size_t size = std::min(part.find_first_of("\n\r"), part.size());
    line_ += part.substr(0, std::min(size, longest_line + 1 - line_.size()));
    if (size == part.size()) return;
    end();
    part.remove_prefix(size + 1);
  }
}

void OutputLines::end() {
  if (line_.empty()) return;
  const bool whole = line_.size() <= longest_line;
  take_(whole ? cleaned(line_) : cleaned(beginning(line_, longest_line)) + "…");
  line_.clear();
}

}  // namespace baton

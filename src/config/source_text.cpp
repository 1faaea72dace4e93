#include "config/source_text.h"

#include "base/utf8.h"
#include "config/secret_text.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

constexpr std::size_t max_bytes = 4 * 1024 * 1024;

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
}

}  // namespace

tl::expected<SourceText, ConfigProblem> SourceText::read(std::string file, std::string content) {
  SourceText source;
  source.file_ = std::move(file);
  if (content.starts_with("\xEF\xBB\xBF")) content.erase(0, 3);
  if (content.size() > max_bytes) {
    return tl::unexpected(ConfigProblem{
        Place{source.file_, 0, 0}, fmt::format("has {} bytes; a configuration has at most 4 MiB", content.size()), ""});
  }
  TextPosition at{1, 1};
  source.line_starts_ = {0};
  for (std::size_t offset = 0; offset < content.size();) {
    const std::size_t bytes = utf8_character_bytes(std::string_view(content).substr(offset));
    const char c = content[offset];
    // The YAML parser takes some control characters for the end of the file.
    if (bytes == 0 || is_control(c)) {
      const auto value = static_cast<unsigned>(static_cast<unsigned char>(c));
      const char* what = bytes == 0 ? "the byte 0x{:02X} is not valid UTF-8: save the file as UTF-8"
                                    : "the control character 0x{:02X} may not stand here: remove it";
      return tl::unexpected(ConfigProblem{source.place(at), fmt::format(fmt::runtime(what), value), ""});
    }
    offset += bytes;
    ++at.column;
    if (c == '\n') {
      at = {at.line + 1, 1};
      source.line_starts_.push_back(offset);
    }
  }
  source.content_ = std::move(content);
  return source;
}

std::string_view SourceText::raw_line(int number) const {
  if (number < 1 || static_cast<std::size_t>(number) > line_starts_.size()) return {};
  const std::size_t start = line_starts_[static_cast<std::size_t>(number) - 1];
  std::string_view line = std::string_view(content_).substr(start);
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

TextPosition SourceText::position(int line, int byte_column) const {
  TextPosition at{line + 1, 1};
  const std::string_view text = raw_line(at.line);
  const std::size_t end = std::min(text.size(), static_cast<std::size_t>(std::max(byte_column, 0)));
  for (std::size_t offset = 0; offset < end; offset += utf8_character_bytes(text.substr(offset))) ++at.column;
  return at;
}

std::string_view SourceText::rest(TextPosition at) const {
  if (at.line < 1 || static_cast<std::size_t>(at.line) > line_starts_.size()) return {};
  std::string_view text = std::string_view(content_).substr(line_starts_[static_cast<std::size_t>(at.line) - 1]);
  for (int column = 1; column < at.column && !text.empty(); ++column) text.remove_prefix(utf8_character_bytes(text));
  return text;
}

bool SourceText::masked(TextPosition at) const {
  return std::any_of(masks_.begin(), masks_.end(), [&](const Mask& mask) { return mask.from <= at && at < mask.to; });
}

std::string SourceText::line(int number) const {
  const std::string_view raw = raw_line(number);
  std::string shown;
  TextPosition at{number, 1};
  for (std::size_t offset = 0; offset < raw.size(); ++at.column) {
    const std::size_t bytes = utf8_character_bytes(raw.substr(offset));
    const bool hidden = raw[offset] != ' ' && masked(at);
    shown += hidden ? std::string("*") : std::string(raw.substr(offset, bytes));
    offset += bytes;
  }
  return shown;
}

void Problems::add(TextPosition at, std::string message) {
  Problem problem{at, std::move(message)};
  if (std::find(problems_.begin(), problems_.end(), problem) == problems_.end()) {
    problems_.push_back(std::move(problem));
  }
}

ConfigFailure Problems::failure(const SourceText& source) const {
  std::vector<Problem> sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& a, const Problem& b) { return a.at < b.at; });
  ConfigFailure failure;
  for (const Problem& problem : sorted) {
    failure.problems.push_back({source.place(problem.at), mask_user_information(problem.message),
                                mask_user_information(source.line(problem.at.line))});
  }
  return failure;
}

}  // namespace baton

#include "tests/docs/markdown.h"

#include <fmt/format.h>
#include <cctype>
#include <map>
#include <optional>
#include <regex>
#include <sstream>

namespace baton {
namespace {

constexpr std::string_view directive_start = "<!-- test: ";
constexpr std::string_view directive_end = "-->";

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \n");
  if (first == text.npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \n") - first + 1));
}

// GitHub: lower case, without punctuation, '-' for a space. Bytes beyond ASCII stay.
std::string anchor_of(std::string_view heading) {
  std::string anchor;
  for (const char c : heading) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') anchor += '-';
    if (byte >= 0x80 || std::isalnum(byte) != 0 || c == '-' || c == '_') {
      anchor += static_cast<char>(std::tolower(byte));
    }
  }
  return anchor;
}

class Parser {
 public:
  explicit Parser(std::string path) { document_.path = std::move(path); }

  void take(const std::string& line) {
    ++line_;
    if (fence_) return take_in_block(line);
    if (comment_) return take_in_comment(line);
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    if (line.compare(indent, 3, "```") == 0) return open_block(line, indent);
    if (line.starts_with("<!--")) {
      comment_ = "";
      comment_line_ = line_;
      return take_in_comment(line);
    }
    if (line.find_first_not_of(' ') == line.npos) return;
    refuse_waiting();
    if (line.starts_with('#')) take_heading(line);
    take_spans(line);
  }

  MarkdownDocument end() {
    if (fence_) problem(document_.blocks.back().line, "a block without an end");
    if (comment_) problem(comment_line_, "a comment without an end");
    refuse_waiting();
    return std::move(document_);
  }

 private:
  void problem(int line, const std::string& what) {
    document_.problems.push_back(fmt::format("line {}: {}", line, what));
  }

  void refuse_waiting() {
    for (const std::string& one : waiting_) problem(line_, fmt::format("`{}` stands before no block", one));
    waiting_.clear();
  }

  void open_block(const std::string& line, std::size_t indent) {
    fence_ = indent;
    MarkdownBlock block;
    block.language = trimmed(std::string_view(line).substr(indent + 3));
    block.line = line_ + 1;
    block.directives = std::move(waiting_);
    waiting_.clear();
    document_.blocks.push_back(std::move(block));
  }

  void take_in_block(const std::string& line) {
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    if (trimmed(line) == "```") {
      fence_.reset();
      return;
    }
    document_.blocks.back().text += line.substr(std::min(indent, *fence_)) + "\n";
  }

  void take_in_comment(const std::string& line) {
    *comment_ += line + "\n";
    if (line.find(directive_end) == line.npos) return;
    const std::string comment = *std::move(comment_);
    comment_.reset();
    if (!comment.starts_with(directive_start)) return;
    const std::string text = trimmed(std::string_view(comment).substr(
        directive_start.size(), comment.rfind(directive_end) - directive_start.size()));
    if (!text.starts_with("run\n")) return waiting_.push_back(text);
    MarkdownBlock hidden;
    hidden.language = "hidden";
    hidden.text = text.substr(4) + "\n";
    hidden.line = comment_line_ + 1;
    document_.blocks.push_back(std::move(hidden));
  }

  void take_heading(const std::string& line) {
    const std::size_t text = line.find_first_not_of('#');
    if (text == line.npos || line[text] != ' ') return;
    const std::string anchor = anchor_of(trimmed(std::string_view(line).substr(text)));
    const int before = anchors_[anchor]++;
    document_.anchors.insert(before == 0 ? anchor : fmt::format("{}-{}", anchor, before));
  }

  // Code first: a bracket inside of it begins no link.
  void take_spans(const std::string& line) {
    std::string prose;
    for (std::size_t at = 0; at < line.size();) {
      const std::size_t close = line[at] == '`' ? line.find('`', at + 1) : line.npos;
      if (close == line.npos) {
        prose += line[at++];
        continue;
      }
      document_.code.push_back({line.substr(at + 1, close - at - 1), line_});
      at = close + 1;
    }
    for (std::size_t at = prose.find("]("); at != prose.npos; at = prose.find("](", at + 1)) {
      document_.links.push_back({prose.substr(at + 2, prose.find(')', at) - at - 2), line_});
    }
  }

  MarkdownDocument document_;
  int line_ = 0;
  std::optional<std::size_t> fence_;  // its indentation
  std::optional<std::string> comment_;
  int comment_line_ = 0;
  std::vector<std::string> waiting_;
  std::map<std::string, int> anchors_;
};

}  // namespace

const std::string* MarkdownBlock::directive(const std::string& word) const {
  for (const std::string& one : directives) {
    if (one != word && !one.starts_with(word + " ") && !one.starts_with(word + ":")) continue;
    argument_ = trimmed(std::string_view(one).substr(std::min(one.size(), word.size() + 1)));
    return &argument_;
  }
  return nullptr;
}

std::string MarkdownBlock::file() const {
  if (const std::string* name = directive("file")) return *name;
  static const std::regex named("# ([A-Za-z0-9_.-]+[.](yaml|properties))");
  const std::string first_line = text.substr(0, text.find('\n'));
  std::smatch found;
  const bool may_be_file = language == "yaml" || language == "properties";
  return may_be_file && std::regex_match(first_line, found, named) ? found[1].str() : "";
}

MarkdownDocument parse_markdown(std::string path, const std::string& text) {
  Parser parser(std::move(path));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) parser.take(line);
  return parser.end();
}

}  // namespace baton

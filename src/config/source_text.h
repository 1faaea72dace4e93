// The configuration file as written: its lines, for columns in characters and for the excerpts of messages.
#pragma once

#include "config/load_config.h"

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

// A line and a column, both from 1, the column in characters; 0, 0 is the file as a whole.
struct TextPosition {
  int line = 0;
  int column = 0;
  auto operator<=>(const TextPosition&) const = default;
};

class SourceText {
 public:
  // Refuses what is no UTF-8 text or too large; a byte order mark at the start is left out.
  static tl::expected<SourceText, ConfigProblem> read(std::string file, std::string content);

  const std::string& file() const { return file_; }
  const std::string& content() const { return content_; }
  Place place(TextPosition at) const { return Place{file_, at.line, at.column}; }

  // The line without its line break and with masked text as `*`; empty where there is no such line.
  std::string line(int number) const;
  // The position of a byte, both counted from 0.
  TextPosition position(int line, int byte_column) const;
  // From the position to the end of the file; empty behind the end.
  std::string_view rest(TextPosition at) const;

  // Hides the text from `from` up to, not including, `to` in every excerpt.
  void mask(TextPosition from, TextPosition to) { masks_.push_back({from, to}); }

 private:
  struct Mask {
    TextPosition from;
    TextPosition to;
  };

  std::string_view raw_line(int number) const;
  bool masked(TextPosition at) const;

  std::string file_;
  std::string content_;
  std::vector<std::size_t> line_starts_;  // byte offsets
  std::vector<Mask> masks_;
};

// What is wrong in one file, collected in any order.
class Problems {
 public:
  void add(TextPosition at, std::string message);
  bool empty() const { return problems_.empty(); }
  // In the file's order, each place and message once.
  ConfigFailure failure(const SourceText& source) const;

 private:
  struct Problem {
    TextPosition at;
    std::string message;
    bool operator==(const Problem&) const = default;
  };
  std::vector<Problem> problems_;
};

}  // namespace baton

// Random tables and random bytes for the tests of CSV; the same seed gives the same text.
#pragma once

#include "tests/unit/format/file_fixture.h"

#include <random>
#include <string>
#include <vector>

namespace baton::test {

class RandomCsv {
 public:
  explicit RandomCsv(unsigned seed) : engine_(seed) {}

  std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(engine_); }

  // Bytes that are mostly structure, so that every order of them comes.
  std::string bytes(std::size_t size) {
    constexpr std::string_view alphabet = ",,,\"\"\"\"\n\n\raaaaaaaa\xC3\xA9";
    const bool few_quotes = below(2) == 0;
    std::string text;
    while (text.size() < size) {
      const char c = alphabet[below(alphabet.size())];
      text += few_quotes && c == '"' && below(8) != 0 ? 'b' : c;
    }
    return text;
  }

  std::string value() {
    static const std::vector<std::string> parts = {"a",    "bc",       ",", "\"",  "\n",
                                                   "\r\n", "\xC3\xA9", " ", "0.5", "longer text"};
    if (below(40) == 0) return std::string(below(300), 'x');
    std::string text;
    for (std::size_t i = below(5); i > 0; --i) text += parts[below(parts.size())];
    return text;
  }

  std::vector<Row> rows(std::size_t count, std::size_t columns) {
    std::vector<Row> table(count);
    for (Row& row : table) {
      for (std::size_t i = 0; i < columns; ++i) row.emplace_back(value());
    }
    return table;
  }

  // As a writer would: quotes where they are needed, and sometimes where they are not.
  std::string text_of(const std::vector<Row>& table) {
    const std::string line_end = below(2) == 0 ? "\n" : "\r\n";
    std::string text;
    for (const Row& row : table) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (i > 0) text += ',';
        text += field_of(*row[i]);
      }
      text += line_end;
    }
    return text;
  }

 private:
  std::string field_of(const std::string& value) {
    if (value.find_first_of(",\"\r\n") == std::string::npos && below(3) != 0 && !value.empty()) return value;
    std::string text = "\"";
    for (const char c : value) text.append(c == '"' ? 2 : 1, c);
    return text + "\"";
  }

  std::mt19937 engine_;
};

}  // namespace baton::test

#include "config/properties_text.h"

#include <algorithm>

namespace baton {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

void append_utf8(std::string& text, char32_t code) {
  const auto put = [&](char32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | (code >> 6));
  } else {
    if (code < 0x10000) {
      put(0xE0 | (code >> 12));
    } else {
      put(0xF0 | (code >> 18));
      put(0x80 | ((code >> 12) & 0x3F));
    }
    put(0x80 | ((code >> 6) & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

// Characters one after the other, with continued lines joined.
class Cursor {
 public:
  explicit Cursor(const SourceText& source) : source_(source), text_(source.content()) {}

  bool at_end() const { return offset_ >= text_.size(); }
  bool at_line_end() const { return at_end() || text_[offset_] == '\n' || text_[offset_] == '\r'; }
  char character() const { return text_[offset_]; }
  TextPosition position() const { return source_.position(line_, static_cast<int>(offset_ - line_start_)); }

  void advance() { ++offset_; }
  void skip_blanks() {
    while (!at_line_end() && is_blank(character())) advance();
    if (at_continuation()) {
      continue_line();
      skip_blanks();
    }
  }
  void skip_line() {
    while (!at_line_end()) advance();
    next_line();
  }
  void next_line() {
    if (at_end()) return;
    offset_ += text_.substr(offset_).starts_with("\r\n") ? 2 : 1;
    ++line_;
    line_start_ = offset_;
  }
  bool at_continuation() const {
    if (at_end() || character() != '\\') return false;
    return offset_ + 1 >= text_.size() || text_[offset_ + 1] == '\n' || text_[offset_ + 1] == '\r';
  }
  void continue_line() {
    advance();
    next_line();
    while (!at_line_end() && is_blank(character())) advance();
  }

  // Behind "\u"; false where no four digits follow.
  bool hexadecimal(char32_t& code) {
    code = 0;
    for (int digit = 0; digit < 4; ++digit, advance()) {
      if (at_line_end()) return false;
      const char c = character();
      const int value = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (value < 0) return false;
      code = code * 16 + static_cast<char32_t>(value);
    }
    return true;
  }

 private:
  const SourceText& source_;
  std::string_view text_;
  std::size_t offset_ = 0;
  std::size_t line_start_ = 0;
  int line_ = 0;
};

// Behind a backslash.
bool read_escape(Cursor& cursor, std::string& text) {
  const char c = cursor.character();
  cursor.advance();
  switch (c) {
    case 't': text += '\t'; return true;
    case 'n': text += '\n'; return true;
    case 'r': text += '\r'; return true;
    case 'f': text += '\f'; return true;
    case 'u': break;
    default: text += c; return true;
  }
  char32_t code = 0;
  if (!cursor.hexadecimal(code) || (code >= 0xDC00 && code < 0xE000)) return false;
  if (code >= 0xD800 && code < 0xDC00) {
    char32_t low = 0;
    for (const char expected : {'\\', 'u'}) {
      if (cursor.at_line_end() || cursor.character() != expected) return false;
      cursor.advance();
    }
    if (!cursor.hexadecimal(low) || low < 0xDC00 || low >= 0xE000) return false;
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  append_utf8(text, code);
  return true;
}

// Up to the end of the logical line, or of a key. False for a broken escape, at which the cursor then was.
bool read_text(Cursor& cursor, bool is_key, std::string& text, TextPosition& broken) {
  while (!cursor.at_line_end()) {
    const char c = cursor.character();
    if (is_key && (c == '=' || c == ':' || is_blank(c))) return true;
    if (cursor.at_continuation()) {
      cursor.continue_line();
      continue;
    }
    broken = cursor.position();
    cursor.advance();
    if (c != '\\') {
      text += c;
    } else if (!read_escape(cursor, text)) {
      return false;
    }
  }
  return true;
}

}  // namespace

tl::expected<std::vector<Property>, ConfigProblem> parse_properties(const SourceText& source) {
  std::vector<Property> properties;
  Cursor cursor(source);
  TextPosition broken;
  const auto refuse = [&] {
    return tl::unexpected(ConfigProblem{source.place(broken),
                                        "\\u needs four hexadecimal digits, and a pair of them for a character above "
                                        "U+FFFF: expected such as \\u00e4",
                                        ""});
  };
  while (!cursor.at_end()) {
    cursor.skip_blanks();
    if (cursor.at_line_end()) {
      cursor.next_line();
      continue;
    }
    if (cursor.character() == '#' || cursor.character() == '!') {
      cursor.skip_line();
      continue;
    }
    Property property;
    property.key_at = cursor.position();
    if (!read_text(cursor, true, property.key, broken)) return refuse();
    cursor.skip_blanks();
    if (!cursor.at_line_end() && (cursor.character() == '=' || cursor.character() == ':')) {
      cursor.advance();
      cursor.skip_blanks();
    }
    property.value_at = cursor.position();
    if (!read_text(cursor, false, property.value, broken)) return refuse();
    cursor.next_line();
    properties.push_back(std::move(property));
  }
  return properties;
}

}  // namespace baton
